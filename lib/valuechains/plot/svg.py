"""Figures as SVG: text as text, short numbers, and marks that know their row of the data.

matplotlib's own SVG repeats every style, writes six decimals and draws text with a halo as
outlines; this renderer writes a fifth of that, in half of the time. The marks of an artist with the
id ``rows-<row>-<row>…`` have their row as ``data-row``, the region that it is about as ``data-of``
and what they show as ``<title>``; the lines and areas of one with the id ``regions-<code>-…`` have
a region. What ``frames`` of a figure change has an id ``text-<name>``, ``halo-<name>`` or, as an
example of a look, ``look-<number>-<colour of letters>``: it is written as ``data-text``, and as
``data-look`` and ``color``. A text that stands on a look has the colour of its halo in its id,
``halo-<name>-<colour>``, and a ``stroke`` of its own.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any

from matplotlib._path import convert_to_string
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Transform

CSS_POINT = 96 / 72  # pixels
LONG = 50  # points: other figures may have the same path, so it is written from its axes' corner
FLIP = Affine2D().scale(1, -1)  # y goes down
# All about as wide as the first, by which figures are laid out.
FONTS = "'DejaVu Sans',Verdana,'Bitstream Vera Sans',Geneva,sans-serif"
HALO = '<g stroke="white" stroke-width="2" paint-order="stroke">'
ANCHORS = {"center": ' text-anchor="middle"', "right": ' text-anchor="end"'}
# Sizes of texts: the figures of a process have many in common.
MEASURED = lru_cache(maxsize=4000)(RendererBase().get_text_width_height_descent)
# One sign of a hatch, in a square of one unit.
HATCHES = {
    "/": "M-.25 .25L.25 -.25M0 1L1 0M.75 1.25L1.25 .75",
    "\\": "M-.25 .75L.25 1.25M0 0L1 1M.75 -.25L1.25 .25",
    ".": "M.4 .5h.2",
}


class Svg(RendererBase):
    """Writes a picture of so many points; ids begin with `key`, `marks` are regions and words."""

    def __init__(self, width: float, height: float, key: str, marks: Mapping[int, tuple]) -> None:
        super().__init__()
        self.width, self.height, self.marks = width, height, marks
        self.key = re.sub(r"[^\w-]+", "-", key)
        self.pieces: list[str] = []
        self.defined: dict[str, str] = {}
        self.open_group("")

    def written(self) -> str:
        """Return the picture."""
        width, height = (_n(side * CSS_POINT) for side in (self.width, self.height))
        view = f'viewBox="0 0 {_n(self.width)} {_n(self.height)}" font-family="{FONTS}"'
        defined = [element.format(name) for element, name in self.defined.items()]
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" {view}'
        head += f' stroke-linejoin="round"><defs>{"".join(defined)}</defs>'
        return "".join([head, *self.pieces, "</svg>\n"])

    # What follows is matplotlib's interface of a renderer.

    def get_canvas_width_height(self):
        return self.width, self.height

    def open_group(self, s, gid=None):
        self.kind, *names = (gid or "").split("-")
        self.names, (self.first, self.second) = iter(names), [*names, "", ""][:2]
        self.pieces.append(HALO if self.kind == "halo" else "")

    def close_group(self, s):
        self.pieces.append("</g>" if self.kind == "halo" else "")
        self.open_group("")

    def draw_path(self, gc, path, transform, rgbFace=None):  # noqa: N803
        box, left, top, place = gc.get_clip_rectangle(), 0, self.height, ""
        if box and len(path) > LONG:
            left, top = box.x0, box.y1
            place = f' transform="translate({_n(left)} {_n(self.height - top)})"'
        shape = _shape(path, transform + FLIP + Affine2D().translate(-left, top))
        self._element("path", f' d="{shape}"{place}{self._look(gc, rgbFace)}', rgbFace is not None)

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):  # noqa: N803
        name = self._defined(f'<path id="{{}}" d="{_shape(marker_path, marker_trans + FLIP)}"/>')
        self.pieces.append(f"<g{self._look(gc, rgbFace)}>")
        for x, y in path.cleaned(trans, remove_nans=True).vertices[:-1]:
            self._element("use", f' href="#{name}" x="{_n(x)}" y="{_n(self.height - y)}"')
        self.pieces.append("</g>")

    def get_text_width_height_descent(self, s, prop, ismath):
        return MEASURED(s, prop, ismath)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        # Held where matplotlib holds it: another font may be wider.
        anchor = ANCHORS.get(mtext.get_ha(), "") if mtext and not angle else ""
        if anchor:
            x = mtext.get_transform().transform(mtext.get_unitless_position())[0]
        place = f' x="{_n(x)}" y="{_n(y)}"{anchor}'
        if angle:
            place = f' transform="translate({_n(x)} {_n(y)}) rotate({_n(-angle)})"'
        weight = ' font-weight="700"' if prop.get_weight() == "bold" else ""
        look = f' font-size="{_n(prop.get_size_in_points())}"{weight} fill="{to_hex(gc.get_rgb())}"'
        name = f' stroke="{self.second}"' if self.second else ""
        name += f' data-text="{self.first}"' if self.first else ""
        self.pieces.append(f"<text{place}{look}{name}>{escape(s, quote=False)}</text>")

    # Its parts.

    def _element(self, name: str, attributes: str, is_filled: bool = True) -> None:
        """Write an element; what is filled may be the mark of a row, a line is of its region."""
        region, words = "", ""
        if self.kind == "regions":
            region = next(self.names, "")
        elif self.kind == "look":
            attributes += f' data-look="{self.first}" color="{self.second}"'
        elif self.kind == "rows" and self.first:
            row = next(self.names) if is_filled else self.first
            region, words = self.marks[int(row)]
            attributes += f' data-row="{row}"' if is_filled else ""
        if region:
            attributes += f' data-of="{escape(region)}"'
        end = f"><title>{escape(words, quote=False)}</title></{name}>"
        self.pieces.append(f"<{name}{attributes}{end if words and is_filled else '/>'}")

    def _look(self, gc: GraphicsContextBase, face: Any) -> str:
        fill = _paint("fill", None if face is None else tuple(face))
        if sign := gc.get_hatch():
            size, wide = _n(12 / len(sign)), _n(gc.get_hatch_linewidth() * len(sign) / 12)
            line = f'{_paint("stroke", gc.get_hatch_color())} stroke-width="{wide}"'
            ground = f'<rect width="1" height="1"{fill}/><path d="{HATCHES[sign[0]]}"{line}/>'
            tile = f'width="{size}" height="{size}" viewBox="0 0 1 1"'
            pattern = f'<pattern id="{{}}" {tile} patternUnits="userSpaceOnUse">{ground}</pattern>'
            fill = f' fill="url(#{self._defined(pattern)})"'
        width, dashes = gc.get_linewidth(), gc.get_dashes()[1]
        if not width:
            return fill
        line = f'{_paint("stroke", gc.get_rgb())} stroke-width="{_n(width)}"'
        if dashes is not None:
            line += f' stroke-dasharray="{" ".join(map(_n, dashes))}"'
        if gc.get_capstyle() != "butt" and face is None:
            line += f' stroke-linecap="{gc.get_capstyle()}"'
        return fill + line

    def _defined(self, element: str) -> str:
        """Return the id of an element that is written once."""
        return self.defined.setdefault(element, f"{self.key}-{len(self.defined)}")


def _n(number: float) -> str:
    return f"{round(float(number), 2):g}"


@lru_cache(maxsize=1000)
def _paint(what: str, colour: tuple | None) -> str:
    """Return a fill or a stroke."""
    if colour is None or (len(colour) == 4 and not colour[3]):
        return ' fill="none"' if what == "fill" else ""
    faint = f' {what}-opacity="{_n(colour[3])}"' if len(colour) == 4 and colour[3] < 1 else ""
    return f' {what}="{to_hex(colour)}"{faint}'


def _shape(path: Path, transform: Transform) -> str:
    """Return a path in letters and numbers."""
    is_long, letters = len(path) > LONG, [b"M", b"L", b"Q", b"C", b"Z"]
    look = (None, is_long, None, 1 if is_long else 2, letters, False)
    written = convert_to_string(path, transform.get_affine(), *look).decode()
    return written.replace(" \n", "").replace("\n", "").replace("M ", "M").replace("L ", "L")
