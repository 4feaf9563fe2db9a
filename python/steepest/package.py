"""torch.package: not here; what asks for it is told so."""

from ._lazy import absent_names

globals().update(absent_names(__name__, "PackageExporter PackageImporter", "torch.save keeps models, torch.load reads them"))
