"""torch.utils.model_zoo, the older place of torch.hub's names."""

from ..hub import load_state_dict_from_url

load_url = load_state_dict_from_url
