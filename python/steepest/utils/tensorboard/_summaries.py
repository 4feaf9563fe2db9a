"""What an event can say: numbers, histograms, pictures, sounds, texts, curves and hyperparameters, as messages for TensorBoard."""

import io
import struct
import wave

from ._events import Double, doubles, message

STRING, FLOAT = 7, 1  # types of elements in TensorProto
DISTRIBUTIONS = 127  # of thresholds


def _value(tag, *fields):
    """A summary of one value."""
    return message((1, message((1, tag), *fields)))


def _plugin(name, content=b""):
    """A value's metadata: which part of TensorBoard shows it."""
    return message((1, message((1, name), (2, content))))


def _array(values):
    import numpy as np

    return np.asarray(values.detach().cpu().numpy() if hasattr(values, "detach") else values)


def number(value):
    """A number as float: of a tensor or array of one element too."""
    value = _array(value)
    if value.size != 1:
        raise AssertionError("scalar should be 0D")
    return float(value.reshape(()))


def scalar(tag, value, new_style=False, double_precision=False):
    """A number at a step."""
    value = number(value)
    if not new_style:
        return _value(tag, (2, value))
    tensor = message((1, FLOAT), (5, struct.pack("<f", value)))
    return _value(tag, (8, tensor), (9, message((1, message((1, "scalars"))))))


def _limits():
    """The limits of the buckets: powers of 1.1 from 1e-12, of both signs."""
    positive, limit = [], 1e-12
    while limit < 1e20:
        positive.append(limit)
        limit *= 1.1
    return [-x for x in reversed(positive)] + [0] + positive


def histogram_of_counts(tag, low, high, count, total, squares, limits, counts):
    """A histogram from its buckets: their upper limits, and how many numbers are in each."""
    if len(limits) != len(counts):
        raise ValueError("len(bucket_limits) != len(bucket_counts), see the document.")
    shape = zip(range(1, 6), (low, high, count, total, squares), strict=True)
    return _value(tag, (5, message(*((i, Double(x)) for i, x in shape), (6, doubles(limits)), (7, doubles(counts)))))


def histogram(tag, values, bins="tensorflow", max_bins=None):
    """A histogram of numbers, with the buckets between which they lie, one more on the left, and empty ones left out."""
    import numpy as np

    values = _array(values).reshape(-1).astype(float)
    if values.size == 0:
        raise ValueError("The input has no element.")
    counts, limits = np.histogram(values, bins=_limits() if bins == "tensorflow" else bins)
    if max_bins is not None and len(counts) > max_bins:
        group = len(counts) // max_bins
        counts = np.append(counts, np.zeros(-len(counts) % group, counts.dtype)).reshape(-1, group).sum(-1)
        limits = np.append(limits[:-1:group], limits[-1])[: len(counts) + 1]
    filled = np.flatnonzero(counts)
    if len(filled) == 0:
        raise ValueError("The histogram is empty, please file a bug report.")
    first, last = filled[0], filled[-1] + 1
    kept = [0, *counts[:last]] if first == 0 else list(counts[first - 1 : last])
    upper = limits[first : last + 1]
    return histogram_of_counts(
        tag, values.min(), values.max(), len(values), values.sum(), values.dot(values), [float(x) for x in upper], [float(c) for c in kept]
    )


def pixels(image, dataformats):
    """A picture, or several beside each other where there is N, as bytes of shape (height, width, 3)."""
    import numpy as np

    image = _array(image)
    dataformats = dataformats.upper()
    if image.ndim != len(dataformats) or len(set(dataformats)) != len(dataformats):
        shown = f"tensor shape: {image.shape}, input_format: {dataformats}"
        raise AssertionError(f"size of input tensor and input format are different. {shown}")
    scale = 1 if image.dtype == np.uint8 else 255
    image = image.astype(np.float32)
    if "C" not in dataformats:
        image, dataformats = image[..., None], f"{dataformats}C"
    order = [dataformats.index(letter) for letter in "NHWC" if letter in dataformats]
    image = image.transpose(order)
    if image.ndim == 4:
        count, height, width, channels = image.shape
        columns = min(count, 8)
        rows = -(-count // columns)
        grid = np.zeros((rows * columns, height, width, channels), np.float32)
        grid[:count] = image
        grid = grid.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
        image = grid.reshape(rows * height, columns * width, channels)
    if image.shape[-1] == 1:
        image = np.concatenate([image] * 3, -1)
    return (image * scale).clip(0, 255).astype(np.uint8)


def picture(tag, array):
    """Bytes of shape (height, width, channels) as a PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, format="PNG")
    height, width, channels = array.shape
    return _value(tag, (4, message((1, height), (2, width), (3, channels), (4, buffer.getvalue()))))


def sound(tag, samples, sample_rate):
    """Samples between -1 and 1 as a WAV."""
    import numpy as np

    samples = _array(samples).reshape(-1).clip(-1, 1)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes((samples * np.iinfo(np.int16).max).astype("<i2").tobytes())
    fields = (1, float(sample_rate)), (2, 1), (3, len(samples)), (4, buffer.getvalue()), (5, "audio/wav")
    return _value(tag, (6, message(*fields)))


def text(tag, content):
    """A text, in Markdown."""
    shape = message((2, message((1, 1))))
    return _value(f"{tag}/text_summary", (9, _plugin("text")), (8, message((1, STRING), (2, shape), (8, content))))


def precision_and_recall(tag, labels, predictions, thresholds=DISTRIBUTIONS, weights=None):
    """How many predictions are right and wrong above each of some thresholds, as precision and recall."""
    import numpy as np

    labels, predictions = _array(labels).reshape(-1), _array(predictions).reshape(-1)
    thresholds = min(thresholds, DISTRIBUTIONS)
    weights = np.ones_like(predictions) if weights is None else _array(weights).reshape(-1)
    buckets = np.floor(predictions * (thresholds - 1)).astype(int)
    above = [
        np.histogram(buckets, bins=thresholds, range=(0, thresholds - 1), weights=chosen * weights)[0][::-1].cumsum()[::-1]
        for chosen in (labels.astype(float), 1.0 - labels.astype(float))
    ]
    right, wrong = above
    tiny = 1e-7
    rows = [right, wrong, wrong[0] - wrong, right[0] - right, right / np.maximum(tiny, right + wrong), right / np.maximum(tiny, right[0])]
    shape = message((2, message((1, 6))), (2, message((1, thresholds))))
    numbers = np.stack(rows).astype("<f4").tobytes()
    return _value(tag, (9, _plugin("pr_curves", message((1, 0), (2, thresholds)))), (8, message((1, FLOAT), (2, shape), (5, numbers))))


def _kind(value):
    """(the number of a type, its protobuf Value) of a hyperparameter."""
    if isinstance(value, bool):
        return 2, message((4, int(value)))
    if isinstance(value, int | float):
        return 3, message((2, Double(value)))
    if isinstance(value, str):
        return 1, message((3, value))
    return 3, message((2, Double(number(value))))


def hyperparameters(values, metrics, choices=None):
    """Three summaries: what hyperparameters and metrics there are, their values in a run, and that the run has ended."""
    if not isinstance(values, dict) or not isinstance(metrics, dict):
        raise TypeError("hparam_dict and metric_dict should be dictionaries.")
    infos, given = [], []
    for name, value in values.items():
        if value is None:
            continue
        kind, content = _kind(value)
        domain = None
        if choices and name in choices:
            domain = message(*((1, _kind(choice)[1]) for choice in choices[name]))
        infos.append((4, message((1, name), (4, kind), (5, domain))))
        given.append((1, message((1, name), (2, content))))
    shown = [(5, message((1, message((2, name))))) for name in metrics]
    what, start, end = message(*infos, *shown), message(*given), message((1, 1))
    parts = [("experiment", 2, what), ("session_start_info", 3, start), ("session_end_info", 4, end)]
    return [
        _value(f"_hparams_/{name}", (9, _plugin("hparams", message((1, 0), (field, content)))))
        for name, field, content in parts
    ]
