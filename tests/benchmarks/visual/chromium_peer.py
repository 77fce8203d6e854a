"""Headless Chromium, kept open: a page with the same design, pictures taken of it as Playwright's users do."""

import base64
import html
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import zxingcpp
from playwright.sync_api import sync_playwright
from visual import cpu, design

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--allow-file-access-from-files",
    "--remote-debugging-port=0",
)
START_TIMEOUT = 30.0  # seconds


def browser_path():
    """Return Debian's Chromium, or None."""
    return shutil.which("chromium")


class Chromium:
    """The open browser with one page; CPU and memory are those of all its processes."""

    name = "headless Chromium"

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="promo-bench-chromium-"))
        self.process = subprocess.Popen(
            [browser_path(), *FLAGS, f"--user-data-dir={self.folder}/profile", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._driver = sync_playwright().start()
        self._browser = self._driver.chromium.connect_over_cdp(f"http://127.0.0.1:{self._port()}")
        self.page, self._number = None, 0

    def _port(self):
        wanted, until = self.folder / "profile" / "DevToolsActivePort", time.monotonic() + START_TIMEOUT
        while time.monotonic() < until:
            if wanted.exists() and wanted.read_text().strip():
                return int(wanted.read_text().split()[0])
            time.sleep(0.05)
        raise RuntimeError("Chromium did not start")

    def open(self, *, width, height, scale=1):
        """Open an empty page at a size in CSS pixels; it is kept until the next one."""
        if self.page is not None:
            self.page.context.close()
        context = self._browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale)
        self.page = context.new_page()

    def load(self, page):
        """Load HTML into the page, as a file of its own."""
        self._number += 1
        file = self.folder / f"page-{self._number}.html"
        file.write_text(page, "utf-8")
        self.page.goto(file.as_uri())

    def open_card(self, photo, *, link, title=design.TITLE, anew=False):
        """Load the card into the open page, or with `anew` into a new one."""
        if self.page is None:
            self.open(width=design.CARD["width"], height=design.CARD["height"])
        elif anew:
            context = self.page.context
            self.page.close()
            self.page = context.new_page()
        self.load(card_page(photo, link=link, title=title))

    def show(self, *, link):
        """Put another code onto the open card."""
        script = """async (made) => {
            const image = document.getElementById("qr");
            image.src = made;
            await image.decode();
        }"""
        self.page.evaluate(script, code(link))

    def picture(self, kind, quality=design.QUALITY):
        """Return the page's pixels as a file."""
        return self.page.screenshot(type=kind, **({"quality": quality} if kind == "jpeg" else {}))

    def seconds(self):
        """CPU seconds of the browser so far, all its processes."""
        return cpu.seconds(self.process.pid)

    def close(self):
        """End the browser and forget its files."""
        self._browser.close()
        self._driver.stop()
        self.process.terminate()
        self.process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)


def code(link):
    """Return a QR code as the address of an SVG picture; made by us, so the browser has it for nothing."""
    made = zxingcpp.create_barcode(link, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    drawn = made.to_svg(1, add_hrt=False, add_quiet_zones=True)
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode()


def card_page(photo, *, link, title=design.TITLE):
    """Return the card as a web page."""
    d = design.CARD
    scrims = "".join(f'<div style="{_box(s["at"])};background:{s["css"]}"></div>' for s in d["scrims"])
    head, body = d["headline"], d["body"]
    return f"""<!doctype html><html lang="zh"><meta charset="utf-8"><style>{_faces()}
        body {{ margin: 0; font-family: Noto; color: white; overflow: hidden }}
        img, div {{ position: absolute }}
        #photo {{ object-fit: cover }}
        #texts div {{ position: static }}
        </style><img id="photo" style="{_box([0, 0, d["width"], d["height"]])}" src="{Path(photo).as_uri()}">{scrims}
        <img style="{_box(d["logo"])};object-fit:contain;object-position:left" src="{design.LOGO.as_uri()}">
        <div id="texts" style="{_box(d["text"])};display:flex;flex-direction:column;justify-content:flex-end">
        <div id="title" style="font-size:{head["size"]}px;font-weight:800;line-height:{head["line_height"]}">
        {html.escape(title)}</div>
        <div id="body" style="font-size:{body["size"]}px;line-height:{body["line_height"]};margin-top:{d["gap"]}px">
        {html.escape(design.BODY)}</div></div>
        <img id="qr" style="{_box(d["qr"])};background:white;image-rendering:pixelated" src="{code(link)}">
        </html>"""


def poster_page():
    """Return the poster as a web page."""
    d = design.POSTER
    head, body, veil = d["headline"], d["body"], f"rgba({design.SHADE}, 0), rgba({design.SHADE}, 0.65)"
    return f"""<!doctype html><html lang="zh"><meta charset="utf-8"><style>{_faces()}
        body {{ margin: 0; font-family: Noto; background: #faf6ec; overflow: hidden }}
        img, .area {{ position: absolute }}
        </style><img style="{_box(d["photo"])};object-fit:cover" src="{design.PHOTO.as_uri()}">
        <div class="area" style="{_box(d["veil"])};background:linear-gradient(0deg, {veil})"></div>
        <img style="{_box(d["logo"])};object-fit:contain;object-position:left" src="{design.LOGO.as_uri()}">
        <div class="area" style="{_box(d["text"])}">
        <div style="font-size:{head["size"]}px;font-weight:800;line-height:{head["line_height"]};color:#14503f">
        {html.escape(design.POSTER_TITLE)}</div><div style="font-size:{body["size"]}px;color:#1d2723;margin-top:35px">
        {html.escape(design.POSTER_BODY)}</div></div>
        <img style="{_box(d["qr"])};image-rendering:pixelated" src="{code(design.LINK.format(number=1))}"></html>"""


def _faces():
    return "".join(
        f"@font-face {{ font-family: Noto; font-weight: {weight}; src: url({design.cut(weight).as_uri()}) }}"
        for weight in design.WEIGHTS
    )


def _box(at):
    left, top, width, height = at
    return f"left:{left}px;top:{top}px;width:{width}px;height:{height}px"
