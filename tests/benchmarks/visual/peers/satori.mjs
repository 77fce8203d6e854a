// The card drawn by satori and resvg, as their users do it: one process stays open, fonts and photos are loaded once.
// A photo is put into the page as it is; with `cut` sharp cuts it to size first. Reads one JSON job a line, answers
// with the CPU microseconds it took, those of all threads included.
import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Resvg } from "@resvg/resvg-js";
import satori from "satori";
import sharp from "sharp";
import { renderSVG } from "uqr";

const setup = JSON.parse(process.argv[2]);
const fonts = await Promise.all(
  setup.fonts.map(async ({ file, weight }) => ({ name: "Noto Sans SC", data: await readFile(file), weight, style: "normal" })),
);
const uri = (type, data) => `data:${type};base64,${Buffer.from(data).toString("base64")}`;
const logo = uri("image/svg+xml", await readFile(setup.logo));
const photos = new Map();

async function photo({ photo: file, cut }, { width, height }) {
  if (!photos.has(file)) {
    if (photos.size > 1) photos.clear();
    const data = cut
      ? await sharp(file).resize(width, height, { fit: "cover" }).jpeg({ quality: 90 }).toBuffer()
      : await readFile(file);
    photos.set(file, uri("image/jpeg", data));
  }
  return photos.get(file);
}

const box = (left, top, width, height, more = {}) => ({ position: "absolute", display: "flex", left, top, width, height, ...more });
const div = (style, children) => ({ type: "div", props: { style, children } });
const img = (src, style) => ({ type: "img", props: { src, width: style.width, height: style.height, style } });

async function card(job) {
  const d = setup.design;
  const texts = [
    div({ display: "flex", fontSize: d.headline.size, fontWeight: d.headline.weight, lineHeight: d.headline.line_height }, job.title),
    div({ display: "flex", marginTop: d.gap, fontSize: d.body.size, fontWeight: d.body.weight, lineHeight: d.body.line_height }, job.body),
  ];
  const scrims = d.scrims.map(({ at, css }) => div(box(...at, { backgroundImage: css })));
  const code = uri("image/svg+xml", renderSVG(job.link, { ecc: "M", border: 4 }));
  const tree = div({ display: "flex", width: d.width, height: d.height, fontFamily: "Noto Sans SC", color: "white" }, [
    img(await photo(job, d), box(0, 0, d.width, d.height, { objectFit: "cover" })),
    ...scrims,
    img(logo, box(...d.logo)),
    div(box(...d.text, { flexDirection: "column", justifyContent: "flex-end" }), texts),
    img(code, box(...d.qr)),
  ]);
  const svg = await satori(tree, { width: d.width, height: d.height, fonts });
  const drawn = new Resvg(svg, { font: { loadSystemFonts: false } }).render();
  if (job.type === "png") return drawn.asPng();
  const raw = { width: drawn.width, height: drawn.height, channels: 4 };
  return sharp(drawn.pixels, { raw }).flatten().jpeg({ quality: d.quality, chromaSubsampling: "4:4:4" }).toBuffer();
}

for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  const before = process.cpuUsage();
  const data = await card(job);
  const { user, system } = process.cpuUsage(before);
  if (job.out) await writeFile(job.out, data);
  process.stdout.write(`${JSON.stringify({ cpu: user + system, bytes: data.length })}\n`);
}
