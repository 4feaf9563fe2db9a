"""A few seconds of use, for an installed wheel with nothing else than numpy beside it: python tests/smoke.py."""

import importlib.metadata

import numpy as np

import steepest as torch


def main():
    assert torch._C.__version__ == importlib.metadata.version("steepest")

    x = torch.tensor(5.0, requires_grad=True)
    y = x**2 + 2 * x + 1
    y.backward()
    assert str(x.grad) == "tensor(12.)", x.grad

    # Large enough for the bundled BLAS, and for every kernel's vector loop and its tail.
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((257, 511)), rng.standard_normal((511, 301))
    np.testing.assert_allclose((torch.from_numpy(a) @ torch.from_numpy(b)).numpy(), a @ b, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(torch.from_numpy(a).exp().sum(1).numpy(), np.exp(a).sum(1), rtol=1e-12)

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    inputs = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    targets = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
    for _ in range(300):
        loss = torch.nn.functional.mse_loss(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.01, loss

    print(f"steepest {torch.__version__} works")


if __name__ == "__main__":
    main()
