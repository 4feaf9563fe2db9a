"""torch.package: not here; what asks for it is told so."""

from ._lazy import absent

PackageExporter = absent("torch.package.PackageExporter", "torch.save keeps models")
PackageImporter = absent("torch.package.PackageImporter", "torch.load reads models")
