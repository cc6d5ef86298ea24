"""Numbers with many digits that are published: constants of mathematics, statistics, physics, geodesy and of known data sets."""

from __future__ import annotations

import math
from bisect import bisect_left
from statistics import NormalDist

_TURNED = (math.pi, math.e, math.sqrt(2), math.sqrt(3), math.sqrt(5), math.sqrt(math.pi), math.sqrt(2 * math.pi), math.log(2), math.log(10))
_FACTORS = (1, 2, 3, 4, 0.5, 0.25, 180, 1 / 180, 1 / 360)  # with which those stand in formulas
_CLOSE = 1e-6
_SHARES = (
    0.6, 2 / 3, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.975, 0.98, 0.985, 0.99, 0.995, 0.9975, 0.999, 0.9995, 0.9999, 0.99995,
)  # fmt: skip
_QUANTILES = tuple(NormalDist().inv_cdf(share) for share in _SHARES)
_ERRORS = tuple(math.erf(n / math.sqrt(2)) for n in (1, 2, 3, 4, 5))  # shares within so many standard deviations
_MATHEMATICS = (
    math.sqrt(2 / math.pi), (1 + math.sqrt(5)) / 2, math.log10(2), math.log2(10), math.sqrt(6), math.sqrt(7), math.sqrt(10),
    0.5772156649015329, 0.9159655941772190, 1.2020569031595943, 1.2824271291006226, 1.6449340668482264, 0.2078795763507619,
    1.0507009873554805, 1.6732632423543772, 1.7580993408473766, 0.8795566617,  # SELU: scale, alpha, their product; the old fit of GELU
    1.1283791670955126, 2.3548200450309493, 1.4826022185056018,  # error function, half width of a bell, median deviation
)  # fmt: skip
_PHYSICS = (
    1.602176634, 6.62607015, 1.380649, 6.02214076, 2.99792458, 1.054571817, 8.314462618, 8.314472, 9.1093837015, 9.1093837139, 9.10938356,
    1.67262192369, 1.67262192595, 1.67492749804, 1.66053906660, 1.66053906892, 8.8541878128, 8.8541878188, 1.25663706212, 1.25663706127,
    6.67430, 5.670374419, 5.29177210903, 5.29177210544, 7.2973525693, 7.2973525643, 1.37035999084, 1.37035999177, 2.7211386245988,
    4.3597447222071, 9.648533212, 8.617333262, 1.09737315681, 9.2740100783, 1.36056931229, 9.80665, 1.43877688, 2.897771955,
    1.495978707, 3.0856775814913673, 9.4607304725808, 1.98847, 3.986004418,  # the sky
    3.280839895, 1.943844492, 2.236936292, 6.213711922, 4.5359237, 1.0936132983, 2.20462262, 2.2046226218, 3.7854118, 3.785411784, 1.609344,
    5.399568035, 5.144444444, 4.4482216152605, 6.894757293, 1.3332236842, 2.63888888888, 2.4710538147, 2.7778, 2.8349523125,  # units
)  # fmt: skip
_GEODESY = (
    298.257223563, 6378137.0, 6356752.314245, 6356752.3142, 0.0033528106647474805, 0.0818191908426, 0.00669437999014, 6371008.7714,
    6371008.8, 298.257222101, 6356752.314140, 299.1528128, 6377397.155, 6356078.963, 20037508.342789244, 20037508.34, 85.0511287798066,
    85.05112877980659, 40075016.68557849, 40075016.685578488, 156543.03392804097, 111319.49079327358, 7.292115, 0.00669438002290,
)  # fmt: skip
_IMAGES = (
    0.48145466, 0.4578275, 0.40821073, 0.26862954, 0.26130258, 0.27577711,  # CLIP
    0.485, 0.456, 0.406, 0.229, 0.224, 0.225, 0.1306604762738429, 0.30810780717887876,  # ImageNet, MNIST
    0.13066047, 0.30810781, 0.1307, 0.3081,
    0.49139968, 0.48215841, 0.44653091, 0.48215827, 0.44653124, 0.24703223, 0.24348513, 0.26158784, 0.24703233, 0.26158768,  # CIFAR-10
    0.50707516, 0.48654887, 0.44091784, 0.26733429, 0.25643846, 0.27615047, 0.507075159, 0.486548873, 0.440917843, 0.267334285,
    0.256438462, 0.276150471,  # CIFAR-100
    0.2989360212937753, 0.5870430744511212, 0.1140209042551033, 0.4124564, 0.3575761, 0.1804375, 0.2126729, 0.7151522, 0.0721750,
    0.0193339, 0.1191920, 0.9503041, 3.2404542, 1.5371385, 0.4985314, 0.9692660, 1.8760108, 0.0415560, 0.0556434, 0.2040259, 1.0572252,
    0.4123907992659595, 0.357584339383878, 0.1804807884018343, 0.21263900587151027, 0.715168678767756, 0.07219231536073371,
    0.01933081871559182, 0.11919477979462598, 0.9505321522496607, 0.412453, 0.357580, 0.180423, 0.212671, 0.715160, 0.072169, 0.019334,
    0.119193, 0.950227, 0.95047, 1.08883, 0.168736, 0.331264, 0.418688, 0.081312, 0.1687358916, 0.3312641084, 0.4186875892,
    0.0813124108, 0.344136286, 0.714136286,  # colours
)  # fmt: skip


def _mantissa(value: float) -> float:
    """The digits alone: a constant in other units of a power of ten is the same constant."""
    scaled = value / 10.0 ** math.floor(math.log10(value))
    return scaled / 10 if scaled >= 10 else scaled * 10 if scaled < 1 else scaled


_KNOWN = tuple(
    sorted(
        _mantissa(one)
        for known in (*_QUANTILES, *_ERRORS, *_MATHEMATICS, *_PHYSICS, *_GEODESY, *_IMAGES)
        for one in (known, 1 / known, known / 2, known * 2, math.sqrt(known))
    )
)
_SAME = 5e-9  # relative: as precise as the numbers with fewest digits that are asked for


def is_published(value: float) -> bool:
    """Whether the number is a known one, or a multiple in which it stands in formulas."""
    size = abs(value)
    if size == 0 or not math.isfinite(size):
        return False
    digits = _mantissa(size) if size > 1e-300 else 0.0
    at = bisect_left(_KNOWN, digits * (1 - _SAME))
    if at < len(_KNOWN) and _KNOWN[at] <= digits * (1 + _SAME):
        return True
    return any(
        abs(size / (known * factor) - 1) < _CLOSE or abs(size * known * factor - 1) < _CLOSE or abs(size * known / factor - 1) < _CLOSE
        for known in _TURNED
        for factor in _FACTORS
    )
