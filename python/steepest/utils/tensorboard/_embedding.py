"""Files of points that TensorBoard's projector shows."""

import math
import os
import warnings

from . import _summaries

__all__ = ["write_embedding"]


def _lines(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in rows)


def _labels(metadata, header):
    if not header:
        return [str(label) for label in metadata]
    if len(header) != len(metadata[0]):
        raise AssertionError("len of header must be equal to the number of columns in metadata")
    return ["\t".join(header), *("\t".join(map(str, row)) for row in metadata)]


def _sprite(path, images):
    """All pictures in one, as a square."""
    import numpy as np
    from PIL import Image

    images = _summaries._array(images)
    side = math.ceil(math.sqrt(len(images)))
    count, channels, height, width = images.shape
    filled = np.concatenate([images, np.zeros((side * side - count, channels, height, width), images.dtype)])
    square = filled.reshape(side, side, channels, height, width).transpose(2, 0, 3, 1, 4).reshape(channels, side * height, side * width)
    Image.fromarray(_summaries.pixels(square, "CHW")).save(path)


def write_embedding(folder, mat, metadata, label_img, global_step, tag, metadata_header):
    """Writes the points to a folder in `folder`, and names them in its projector_config.pbtxt."""
    matrix = _summaries._array(mat)
    if matrix.ndim != 2:
        raise AssertionError("mat should be 2D, where mat.size(0) is the number of data points")
    place = f"{0 if global_step is None else global_step:05d}/{tag}".replace("\\", "/")
    path = os.path.join(folder, place)
    if os.path.isdir(path):
        warnings.warn(f"Embedding dir exists, did you set global_step for add_embedding()? {path}", stacklevel=3)
    os.makedirs(path, exist_ok=True)
    entry = [f'tensor_name: "{tag}:{str(0 if global_step is None else global_step).zfill(5)}"']
    if metadata is not None:
        if len(matrix) != len(metadata):
            raise AssertionError("#labels should equal with #data points")
        _lines(os.path.join(path, "metadata.tsv"), _labels(metadata, metadata_header))
        entry.append(f'metadata_path: "{place}/metadata.tsv"')
    if label_img is not None:
        if len(matrix) != len(label_img):
            raise AssertionError("#images should equal with #data points")
        _sprite(os.path.join(path, "sprite.png"), label_img)
        height, width = label_img.shape[-2:]
        entry += ["sprite {", f'  image_path: "{place}/sprite.png"', f"  single_image_dim: {width}", f"  single_image_dim: {height}", "}"]
    entry.append(f'tensor_path: "{place}/tensors.tsv"')
    _lines(os.path.join(path, "tensors.tsv"), ("\t".join(map(str, row)) for row in matrix.tolist()))
    with open(os.path.join(folder, "projector_config.pbtxt"), "a", encoding="utf-8") as file:
        file.write("\n".join(["embeddings {", *(f"  {line}" for line in entry), "}", ""]))
