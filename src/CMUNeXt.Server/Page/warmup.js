// @ts-check
// While nobody waits yet: the example goes the way of a first image, so that the browser has compiled it all by then.

import { select } from "./elements.js";
import { Entry } from "./entry.js";
import { pathOf } from "./painter.js";
import { fileSource } from "./source.js";

export async function warmUp() {
  const example = await (await fetch("example.png")).blob();
  const entry = new Entry(0, fileSource(new File([example], "example.png", { type: "image/png" })));
  await entry.load(select("weights").value, new AbortController().signal);
  pathOf(entry.mask, entry.width, entry.height);
  return entry.lesions;
}
