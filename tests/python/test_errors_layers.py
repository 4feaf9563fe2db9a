"""Layers, losses, optimizers and loaders that are used as beginners use them, refused with PyTorch's exception types and texts."""

import pytest

from bad_input import check_refused

ROWS = [
    ("torch.nn.Linear(4, 2)(a)", RuntimeError, "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x2)"),
    ("torch.nn.Linear(3, 2)(a.double())", RuntimeError, "mat1 and mat2 must have the same dtype, but got Double and Float"),
    ("torch.nn.Linear(3, 2, biass=False)", TypeError, "__init__() got an unexpected keyword argument 'biass'"),
    ("torch.nn.Conv2d(3, 8, 3)(torch.ones(1, 1, 8, 8))", RuntimeError, "expected input[1, 1, 8, 8] to have 3 channels, but got 1 channels"),
    ("torch.nn.Conv2d(1, 8, 3)(torch.ones(1, 8, 8).byte())", RuntimeError, "Input type (unsigned char) and bias type (float) should be"),
    ("torch.nn.Conv2d(1, 8, 3)(torch.ones(1, 8, 8).double())", RuntimeError, "Input type (double) and bias type (float) should be"),
    ("torch.nn.Conv1d(1, 8, 3, bias=False)(torch.ones(1, 8).double())", RuntimeError, "expected scalar type Double but found Float"),
    ("torch.nn.Bilinear(3, 3, 1)(a, a.double())", RuntimeError, "got input1: float, input2: double, weight: float, bias: float"),
    ("torch.nn.Bilinear(3, 3, 1, bias=False)(a, a.long())", RuntimeError, "got input1: float, input2: long int, weight: float"),
    ("torch.nn.BatchNorm1d(3)(torch.ones(1, 3))", ValueError, "Expected more than 1 value per channel when training, got input size"),
    ("torch.nn.LayerNorm(4)(a)", RuntimeError, "Given normalized_shape=[4], expected input with shape [*, 4], but got input of size[2, 3]"),
    ("torch.nn.Embedding(3, 2)(a)", RuntimeError, "Expected tensor for argument #1 'indices' to have one of the following scalar types:"),
    ("torch.nn.Embedding(3, 2)(i)", IndexError, "index out of range in self"),
    ("torch.nn.LSTM(3, 4)(torch.ones(2, 5, 4))", RuntimeError, "input.size(-1) must be equal to input_size. Expected 3, got 4"),
    ("torch.nn.Sequential([torch.nn.ReLU()])", TypeError, "list is not a Module subclass"),
    ("torch.nn.ReLU(a)(a)", RuntimeError, "Boolean value of Tensor with more than one value is ambiguous"),
    ("torch.nn.CrossEntropyLoss(a, i)", RuntimeError, "Boolean value of Tensor with more than one value is ambiguous"),
    ("torch.nn.MSELoss(a, a)", RuntimeError, "Boolean value of Tensor with more than one value is ambiguous"),
    ("torch.nn.CrossEntropyLoss()(a, torch.tensor([0.0, 1.0]))", RuntimeError, "expected target dtype to be Long or Byte, but got Float"),
    ("torch.nn.CrossEntropyLoss()(a, torch.tensor([0, 3]))", IndexError, "Target 3 is out of bounds."),
    ("torch.nn.CrossEntropyLoss()(a, torch.tensor([0]))", ValueError, "Expected input batch_size (2) to match target batch_size (1)."),
    ("torch.nn.BCEWithLogitsLoss()(a, a.long())", RuntimeError, "result type Float can't be cast to the desired output type Long"),
    ("torch.nn.BCELoss()(a.sigmoid(), a.long())", RuntimeError, "Found dtype Long but expected Float"),
    ("torch.nn.Linear(3, 2).load_state_dict({})", RuntimeError, 'Missing key(s) in state_dict: "weight", "bias".'),
    ("torch.nn.Linear(3, 2).load_state_dict(torch.nn.Linear(2, 2).state_dict())", RuntimeError, "size mismatch for weight: copying a"),
    ("torch.nn.Linear(3, 2).weight = torch.ones(2, 3)", TypeError, "cannot assign 'torch.FloatTensor' as parameter 'weight'"),
    ("torch.optim.SGD([], lr=0.1)", ValueError, "optimizer got an empty parameter list"),
    ("torch.optim.SGD(g, lr=0.1)", TypeError, "params argument given to the optimizer should be an iterable of Tensors or dicts"),
    ("torch.optim.SGD([g * 2], lr=0.1)", ValueError, "can't optimize a non-leaf Tensor"),
    ("torch.optim.SGD([g], lr=-1)", ValueError, "Invalid learning rate: -1"),
    ("next(iter(torch.utils.data.DataLoader([a, i], batch_size=2)))", RuntimeError, "stack expects each tensor to be equal size, but got"),
    ("torch.utils.data.TensorDataset(a, i)", AssertionError, "Size mismatch between tensors"),
    ("g.sum().backward(inputs=[])", RuntimeError, "`inputs` argument to `backward()` cannot be empty"),
    ("s = (g * g).sum(); torch.autograd.grad(s, g); s.backward()", RuntimeError, "Trying to backward through the graph a second time"),
    ("a.grad.zero_()", AttributeError, "'NoneType' object has no attribute 'zero_'"),
]


@pytest.mark.parametrize(("expression", "kind", "text"), ROWS, ids=[row[0] for row in ROWS])
def test_refused(expression, kind, text):
    check_refused(expression, kind, text)
