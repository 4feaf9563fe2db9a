"""The random streams: PyTorch's numbers for a seed, generators, saved positions, and what the random ops refuse."""

import copy
import pickle

import numpy
import pytest

import steepest as torch


def test_first_numbers_of_a_seed_are_pytorchs():
    torch.manual_seed(0)
    assert str(torch.rand(3)) == "tensor([0.4963, 0.7682, 0.0885])"
    torch.manual_seed(0)
    assert str(torch.randn(3)) == "tensor([ 1.5410, -0.2934, -2.1788])"
    torch.manual_seed(0)
    assert torch.randint(10, (6,)).tolist() == [4, 9, 3, 0, 3, 9]
    torch.manual_seed(0)
    assert torch.randperm(5).tolist() == [4, 0, 1, 3, 2]


def test_generator_has_a_stream_of_its_own():
    torch.manual_seed(1)
    expected = torch.rand(4)
    torch.manual_seed(1)
    g = torch.Generator().manual_seed(5)
    mine = torch.rand(3, generator=g)
    assert torch.equal(torch.rand(4), expected)
    assert torch.equal(torch.rand(3, generator=torch.Generator().manual_seed(5)), mine)
    assert g.initial_seed() == 5
    assert g.device == torch.device("cpu")
    assert torch.Generator(device="cpu").initial_seed() == 67280421310721


def test_every_random_op_takes_a_generator():
    x = torch.full((20,), 0.5)
    calls = [
        lambda g: torch.rand(20, generator=g), lambda g: torch.randn(20, generator=g),
        lambda g: torch.randint(9, (20,), generator=g), lambda g: torch.randint(2, 90, (20,), generator=g),
        lambda g: torch.randperm(20, generator=g), lambda g: torch.rand_like(x, generator=g),
        lambda g: torch.randn_like(x, generator=g), lambda g: torch.randint_like(x, 99, generator=g),
        lambda g: torch.normal(x, 1.0, generator=g), lambda g: torch.normal(1.0, x, generator=g),
        lambda g: torch.normal(x, x, generator=g), lambda g: torch.normal(0.0, 1.0, (20,), generator=g),
        lambda g: torch.bernoulli(x, generator=g), lambda g: x.bernoulli(0.4, generator=g),
        lambda g: x.multinomial(9, generator=g), lambda g: torch.poisson(50 * x, g),
        lambda g: torch.rrelu(-x, training=True, generator=g), lambda g: x.clone().uniform_(0, 2, generator=g),
        lambda g: x.clone().normal_(generator=g), lambda g: x.clone().random_(generator=g),
        lambda g: x.clone().random_(50, generator=g), lambda g: x.clone().random_(5, 50, generator=g),
        lambda g: x.clone().bernoulli_(0.4, generator=g), lambda g: x.clone().bernoulli_(x, generator=g),
        lambda g: x.clone().exponential_(generator=g), lambda g: x.clone().geometric_(0.2, generator=g),
        lambda g: x.clone().log_normal_(generator=g), lambda g: x.clone().cauchy_(generator=g),
    ]
    before = torch.get_rng_state()
    for call in calls:
        g = torch.Generator().manual_seed(3)
        first, second = call(g), call(g)
        assert torch.equal(first, call(g.manual_seed(3)))
        assert not torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), before)


def test_state_is_saved_and_restored():
    torch.randn(3)  # leaves the second normal of a pair behind
    state = torch.get_rng_state()
    assert (state.dtype, tuple(state.shape)) == (torch.uint8, (5056,))
    first = torch.randn(3), torch.rand(3)
    torch.set_rng_state(state)
    again = torch.randn(3), torch.rand(3)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


DUPLICATES = [lambda g: g.clone_state(), copy.copy, copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g))]


@pytest.mark.parametrize("duplicate", DUPLICATES)
def test_copies_continue_where_the_original_stands(duplicate):
    g = torch.Generator().manual_seed(11)
    torch.randn(3, generator=g)
    other = duplicate(g)
    assert other is not g
    assert other.initial_seed() == 11
    assert torch.equal(torch.randn(5, generator=other), torch.randn(5, generator=g))


def test_fork_rng_leaves_the_stream_alone():
    expected = torch.rand(3)
    torch.manual_seed(0)
    with torch.random.fork_rng():
        torch.manual_seed(9)
        torch.rand(3)
    assert torch.equal(torch.rand(3), expected)
    torch.manual_seed(0)
    with torch.random.fork_rng(enabled=False):
        torch.rand(3)
    assert not torch.equal(torch.rand(3), expected)
    with pytest.raises(AssertionError, match="CUDA"), torch.random.fork_rng(devices=[0]):
        pass
    with pytest.raises(RuntimeError, match="device type at start"), torch.random.fork_rng(device_type="abacus"):
        pass


@pytest.mark.parametrize(
    ("seed", "initial"),
    [(0, 0), (2**64 - 1, 2**64 - 1), (-1, 2**64 - 1), (-(2**63), 2**63), (3.7, 3), ("12", 12), (numpy.int32(4), 4)],
)
def test_seeds(seed, initial):
    assert torch.manual_seed(seed) is torch.default_generator
    assert torch.initial_seed() == torch.random.initial_seed() == initial


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1])
def test_seeds_out_of_range(seed):
    with pytest.raises(ValueError, match="Overflow when unpacking long long"):
        torch.manual_seed(seed)
    assert torch.initial_seed() == 0


def test_seed_comes_from_the_system():
    first = torch.seed()
    assert torch.initial_seed() == first
    assert torch.Generator().seed() != first


def test_generator_refuses():
    g = torch.Generator()
    for value, name in [(1.0, "float"), (True, "bool"), ("1", "str")]:
        with pytest.raises(RuntimeError, match=f"manual_seed expected a long, but got {name}"):
            g.manual_seed(value)
    with pytest.raises(TypeError, match="expected a torch.ByteTensor, but got int"):
        g.set_state(3)
    with pytest.raises(TypeError, match="RNG state must be a torch.ByteTensor"):
        g.set_state(torch.zeros(5056))
    with pytest.raises(RuntimeError, match="of size 5056 but found the input RNG state size to be 4"):
        g.set_state(torch.zeros(4, dtype=torch.uint8))
    with pytest.raises(RuntimeError, match="Invalid mt19937 state"):
        g.set_state(torch.zeros(5056, dtype=torch.uint8))
    with pytest.raises(RuntimeError, match="CPU Generator does not use offset"):
        g.get_offset()
    with pytest.raises(RuntimeError, match="CUDA"):
        torch.Generator("cuda")
    with pytest.raises(TypeError, match=r"must be torch\.Generator, not int"):
        torch.rand(3, generator=3)
    assert g.initial_seed() == 67280421310721


REFUSED = [
    ("torch.rand(3, dtype=torch.int64)", NotImplementedError, "\"check_uniform_bounds\" not implemented for 'Long'"),
    ("torch.randn(3, dtype=torch.bool)", NotImplementedError, "\"normal_kernel_cpu\" not implemented for 'Bool'"),
    ("torch.rand(-1)", RuntimeError, "negative dimension -1"),
    ("torch.randint(3, 3, (2,))", RuntimeError, "'from' to be less than 'to', but got from=3 >= to=3"),
    ("torch.randint(300, (2,), dtype=torch.uint8)", RuntimeError, "to - 1 is out of bounds for unsigned char"),
    ("torch.randint(3.0, (2,))", TypeError, "randint"),
    ("torch.randperm(-1)", RuntimeError, "negative dimension -1"),
    ("torch.randperm(5, dtype=torch.bool)", NotImplementedError, "\"randperm\" not implemented for 'Bool'"),
    ("torch.randperm(3000, dtype=torch.float16)", RuntimeError, "n cannot be greater than 2049 for Half type"),
    ("torch.randperm(300, dtype=torch.uint8)", RuntimeError, "cannot be converted to type uint8_t without overflow"),
    ("torch.normal(x, -1.0)", RuntimeError, "normal expects std >= 0.0, but found std -1"),
    ("torch.normal(0.0, x - 1)", RuntimeError, "normal expects all elements of std >= 0.0"),
    ("torch.normal(x, torch.ones(2))", RuntimeError, "size of tensor a"),
    ("torch.normal(0.0, 1.0)", TypeError, "normal"),
    ("torch.bernoulli(x + 2)", RuntimeError, "p_in >= 0"),
    ("torch.bernoulli(x, 1.5)", RuntimeError, r"bernoulli_ expects p to be in \[0, 1\], but got p=1.5"),
    ("torch.bernoulli(i)", NotImplementedError, "\"bernoulli_tensor_cpu_p_\" not implemented for 'Long'"),
    ("x.bernoulli_(torch.zeros(2))", RuntimeError, "expanded size of the tensor"),
    ("torch.multinomial(x, 2)", RuntimeError, "sum of probabilities <= 0"),
    ("torch.multinomial(x + 1, 4)", RuntimeError, "n_sample > prob_dist.size"),
    ("torch.multinomial(x + 1, 0)", RuntimeError, "n_sample <= 0 samples"),
    ("torch.multinomial(i, 2)", RuntimeError, "only supports floating-point dtypes for input, got: Long"),
    ("torch.multinomial(torch.ones(2, 2, 2), 1)", RuntimeError, "prob_dist must be 1 or 2 dim"),
    ("torch.multinomial(x - 1, 2)", RuntimeError, "either `inf`, `nan` or element < 0"),
    ("torch.multinomial(x - 1, 2, True)", RuntimeError, r"encountering probability entry < 0\)"),
    ("torch.multinomial(x / 0 + 1, 2, True)", RuntimeError, "encountering probability entry"),
    ("torch.multinomial(torch.ones(0), 2, True)", RuntimeError, "sum of probabilities <= 0"),
    ("torch.poisson(x - 1)", RuntimeError, "invalid Poisson rate"),
    ("torch.dropout(x, 1.5, True)", RuntimeError, "dropout probability has to be between 0 and 1, but got 1.5"),
    ("torch.dropout(i, 0.5, True)", RuntimeError, "Float can't be cast to the desired output type Long"),
    ("torch.feature_dropout(x, 0.5, True)", RuntimeError, "at least 2 dimensions"),
    ("torch.rrelu(x, 0.5, 0.1)", RuntimeError, "Lower bound should be less"),
    ("x.uniform_(2, 1)", RuntimeError, "found from=2 > to=1"),
    ("x.uniform_(float('nan'), 1)", RuntimeError, "from is out of bounds for float"),
    ("x.uniform_(-3e38, 3e38)", RuntimeError, "to-from to exceed the limit"),
    ("x.exponential_(0)", RuntimeError, "exponential_ expects lambda > 0.0, but found lambda=0"),
    ("i.exponential_()", RuntimeError, "must be a floating point but you specified Long"),
    ("i.cauchy_()", RuntimeError, "must be a floating point but you specified long int"),
    ("x.geometric_(1)", RuntimeError, r"geometric_ expects p to be in \(0, 1\), but got p=1"),
    ("x.log_normal_(0, 0)", RuntimeError, "log_normal_ expects std > 0.0"),
    ("x.random_(5, 3)", RuntimeError, "but got from=5 >= to=3"),
    ("torch.zeros(1).expand(3).normal_()", RuntimeError, "more than one element of the written-to tensor"),
]


@pytest.mark.parametrize(("source", "error", "text"), REFUSED)
def test_refused_arguments_change_nothing(source, error, text):
    x, i = torch.zeros(3), torch.zeros(3, dtype=torch.int64)
    state = torch.get_rng_state()
    with pytest.raises(error, match=text):
        eval(source, {"torch": torch, "x": x, "i": i})
    assert x.tolist() == [0, 0, 0] and i.tolist() == [0, 0, 0]
    assert torch.equal(torch.get_rng_state(), state)


def test_integers_take_no_gradient():
    assert torch.rand(2, requires_grad=True).requires_grad
    with pytest.raises(RuntimeError, match="Only Tensors of floating point and complex dtype can require gradients"):
        torch.randint(3, (2,), requires_grad=True)


def test_integers_that_a_float_cannot_hold_warn():
    with pytest.warns(UserWarning, match=r"to - 1 is out of bounds \[-\(2\^24\), 2\^24\]"):
        torch.zeros(2).random_(2**24 + 9)


WRITERS = {
    "UniformBackward0": lambda x: x.uniform_(),
    "NormalBackward0": lambda x: x.normal_(),
    "LogNormalBackward0": lambda x: x.log_normal_(),
    "CauchyBackward0": lambda x: x.cauchy_(),
    "ExponentialBackward0": lambda x: x.exponential_(),
    "GeometricBackward0": lambda x: x.geometric_(0.5),
    "BernoulliBackward0": lambda x: torch.bernoulli(x / 4),
    "BernoulliBackward1": lambda x: x.bernoulli_(x.detach() / 4),
    "BernoulliBackward2": lambda x: x.bernoulli_(0.5),
    "RandomBackward0": lambda x: x.random_(1, 4),
    "RandomBackward1": lambda x: x.random_(4),
    "RandomBackward2": lambda x: x.random_(),
    "NormalBackward1": lambda x: torch.normal(x, 1.0),
    "NormalBackward2": lambda x: torch.normal(1.0, x),
    "NormalBackward3": lambda x: torch.normal(x, x),
    "PoissonBackward0": torch.poisson,
}


@pytest.mark.parametrize("name", WRITERS)
def test_draws_have_zero_gradient(name):
    x = torch.arange(1.0, 4.0, requires_grad=True)
    y = WRITERS[name](x * 1)
    assert type(y.grad_fn).__name__ == name
    y.sum().backward()
    assert x.grad.tolist() == [0, 0, 0]


def test_leaves_that_require_grad_are_not_overwritten():
    x = torch.zeros(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        x.uniform_()
    with torch.no_grad():
        assert x.uniform_() is x
    assert x.sum().item() > 0


def test_bernoulli_of_a_number_has_no_derivative():
    y = torch.bernoulli(torch.zeros(3, requires_grad=True), 0.5)
    with pytest.raises(RuntimeError, match="derivative for aten::bernoulli is not implemented"):
        y.sum().backward()


@pytest.mark.parametrize("inplace", [False, True])
def test_dropout_multiplies_the_gradient_by_its_mask(inplace):
    x = torch.full((100,), 3.0, requires_grad=True)
    y = torch.nn.functional.dropout(x * 1, 0.25, True, inplace)
    y.sum().backward()
    assert torch.equal(x.grad * 3, y.detach())
    assert set(x.grad.tolist()) == {0.0, torch.tensor(1 / 0.75).item()}


def test_dropout_that_changes_nothing_returns_its_input():
    x = torch.ones(3)
    assert torch.dropout(x, 0.5, False) is x
    assert torch.dropout(x, 0.0, True) is x
    assert torch.dropout(x, 1.0, True).tolist() == [0, 0, 0]


@pytest.mark.parametrize(("inplace", "name"), [(False, "RreluWithNoiseBackward0"), (True, "RreluWithNoiseBackward1")])
def test_rrelu_multiplies_the_gradient_by_its_slopes(inplace, name):
    x = torch.tensor([-2.0, -1.0, 0.0, 3.0], requires_grad=True)
    y = torch.nn.functional.rrelu(x * 1, 0.1, 0.2, True, inplace)
    assert type(y.grad_fn).__name__ == name
    y.sum().backward()
    assert torch.equal((x * x.grad).detach(), y.detach())
    assert x.grad[3] == 1 and all(0.1 <= v <= 0.2 for v in x.grad[:3].tolist())
