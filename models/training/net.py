"""
The network: one stage of convolutions down to a grid of 8-pixel cells, a branch at 16 pixels that sees far around, and
per cell one logit "a plate's centre is here", eight corner offsets, one logit "it has two lines".
After Zhou et al., "Objects as Points", 2019 (heat map, focal loss). Sizes were chosen for ONNX Runtime on one
thread: see README.md.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STRIDE = 8
# Offsets are given in units of this many cells, so that most of them are about 1.
OFFSET_CELLS = 4.0
CHANNELS = 10


class Conv(nn.Sequential):
    """Convolution 3 × 3, batch normalisation, ReLU."""

    def __init__(self, before: int, after: int, stride: int = 1, dilation: int = 1) -> None:
        convolution = nn.Conv2d(before, after, 3, stride, dilation, dilation, bias=False)
        super().__init__(convolution, nn.BatchNorm2d(after), nn.ReLU(inplace=True))


class Finder(nn.Module):
    """
    Input float32 [N, 3, H, W], RGB 0..1, H and W multiples of 16. Output [N, 10, H / 8, W / 8]: heat logit; x and y of
    the corners top left, top right, bottom right, bottom left, relative to the cell's centre in units of 32 pixels;
    logit of two lines.
    """

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Sequential(Conv(3, 8, 2), Conv(8, 24, 2), Conv(24, 32, 2))
        self.far = nn.Sequential(
            Conv(32, 64, 2), Conv(64, 64), Conv(64, 64, 1, 2), Conv(64, 64, 1, 4), Conv(64, 64), nn.Conv2d(64, 32, 1)
        )
        self.head = nn.Sequential(Conv(32, 32), nn.Conv2d(32, CHANNELS, 1))
        last = self.head[-1]
        assert isinstance(last, nn.Conv2d) and last.bias is not None
        # Nearly every cell is empty: starting from "no plate" keeps the first steps calm.
        nn.init.constant_(last.bias[:1], -4.0)

    def forward(self, picture: Tensor) -> Tensor:
        near = self.near(picture)
        return self.head(near + F.interpolate(self.far(near), scale_factor=2.0, mode='nearest'))


def parameters_of(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def losses(output: Tensor, heat: Tensor, corners: Tensor, weight: Tensor, width: Tensor, two: Tensor) -> Tensor:
    """
    Three losses, each the mean over the plates of a batch: heat (focal, "Objects as Points" equation 1), corners
    (smooth L1 of the error as a share of the plate's width), lines (cross entropy). `weight` is 0 where no plate's
    centre is near.
    """
    logit = output[:, :1]
    p = torch.sigmoid(logit).clamp(1e-4, 1 - 1e-4)
    centre = heat > 0.99
    count = centre.sum().clamp(min=1)
    hit = -torch.log(p) * (1 - p) ** 2 * centre
    miss = -torch.log(1 - p) * p**2 * (1 - heat) ** 4 * ~centre
    cells = weight.sum().clamp(min=1)
    error = (output[:, 1:9] - corners) * (OFFSET_CELLS / (width + 0.5))
    far = F.smooth_l1_loss(error, torch.zeros_like(error), reduction='none', beta=0.05)
    lines = F.binary_cross_entropy_with_logits(output[:, 9:], two, reduction='none')
    return torch.stack([(hit + miss).sum() / count, (far * weight).sum() / cells, (lines * weight).sum() / cells])


def export(net: Finder, path: Path) -> None:
    """
    Writes ONNX, operator set 13, with the batch normalisation and the division by 255 folded into the convolutions: the
    file takes RGB as 0..255. Batch, height and width are free.
    """
    net = net.eval().cpu()
    plain = Finder().eval()
    plain.load_state_dict(net.state_dict())
    for module in plain.modules():
        if isinstance(module, Conv):
            fold(module)
    first = plain.near[0][0]
    first.weight.data /= 255
    axes = {'rgb': {0: 'n', 2: 'height', 3: 'width'}, 'cells': {0: 'n', 2: 'rows', 3: 'columns'}}
    example = torch.zeros(1, 3, 368, 640)
    torch.onnx.export(
        plain, (example,), str(path), opset_version=13, input_names=['rgb'], output_names=['cells'], dynamic_axes=axes
    )


def fold(conv: Conv) -> None:
    fused = nn.utils.fusion.fuse_conv_bn_eval(conv[0], conv[1])
    conv[0], conv[1] = fused, nn.Identity()
