"""torch.utils.model_zoo, the older place of torch.hub's names."""

from ..hub import HASH_REGEX, _get_torch_home, download_url_to_file, load_state_dict_from_url, tqdm
from ..hub import download_url_to_file as _download_url_to_file

load_url = load_state_dict_from_url
__all__ = ["HASH_REGEX", "_download_url_to_file", "_get_torch_home", "download_url_to_file", "load_url", "tqdm"]
