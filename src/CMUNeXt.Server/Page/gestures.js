// @ts-check
// Pointer events to gestures: a pen or mouse works the tool, fingers pan and pinch, the middle button and Space pan.

/**
 * @typedef {{
 *   usesTool(event: PointerEvent): boolean, press(x: number, y: number, event: PointerEvent): void, drag(x: number, y: number): void,
 *   release(event: PointerEvent): void, cancel(): void, hover(x: number, y: number): void, leave(): void,
 *   pan(dx: number, dy: number): void, zoom(factor: number, x: number, y: number): void,
 *   wheel(event: WheelEvent, x: number, y: number): void,
 * }} Listener
 */

/** @param {HTMLElement} stage @param {Listener} listener */
export function listen(stage, listener) {
  /** @type {Map<number, { x: number, y: number }>} */
  const fingers = new Map();
  /** @type {"tool" | "pan" | "pinch" | null} */
  let gesture = null;
  /** The pointer that works the tool or pans; a pinch has no single one. @type {number | null} */
  let holder = null;
  let last = { x: 0, y: 0 };

  const place = (/** @type {MouseEvent} */ event) => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const isButton = (/** @type {Event} */ event) => /** @type {HTMLElement} */ (event.target).closest("button") !== null;

  // Else the browser takes a quick stroke for a fling, and the next tap, on whatever button, for what stops it.
  stage.addEventListener("touchstart", (event) => {
    if (!isButton(event)) {
      event.preventDefault();
    }
  }, { passive: false });

  stage.addEventListener("pointerdown", (event) => {
    const isTouch = event.pointerType === "touch";
    // The palm of a hand that holds a pen is no finger.
    if (isButton(event) || (isTouch && holder !== null && !fingers.has(holder))) {
      return;
    }
    stage.setPointerCapture(event.pointerId);
    last = place(event);
    if (isTouch) {
      fingers.set(event.pointerId, last);
    } else {
      fingers.clear();
    }
    if (gesture === "tool") {
      listener.cancel();
    }
    if (fingers.size >= 2) {
      gesture = "pinch";
      holder = null;
      return;
    }
    gesture = listener.usesTool(event) ? "tool" : "pan";
    holder = event.pointerId;
    if (gesture === "tool") {
      listener.press(last.x, last.y, event);
    }
  });

  stage.addEventListener("pointermove", (event) => {
    const now = place(event);
    if (gesture === "pinch" && fingers.has(event.pointerId)) {
      const [a, b] = [...fingers.values()];
      fingers.set(event.pointerId, now);
      const [c, d] = [...fingers.values()];
      const before = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.hypot(a.x - b.x, a.y - b.y) };
      const after = { x: (c.x + d.x) / 2, y: (c.y + d.y) / 2, apart: Math.hypot(c.x - d.x, c.y - d.y) };
      listener.pan(after.x - before.x, after.y - before.y);
      if (before.apart > 0) {
        listener.zoom(after.apart / before.apart, after.x, after.y);
      }
    } else if (event.pointerId === holder) {
      move(event, now);
    } else if (gesture === null && event.pointerType !== "touch") {
      listener.hover(now.x, now.y);
    }
  });

  /** @param {PointerEvent} event @param {{ x: number, y: number }} now */
  function move(event, now) {
    if (gesture === "pan") {
      listener.pan(now.x - last.x, now.y - last.y);
    } else {
      const all = event.getCoalescedEvents?.() ?? [];
      for (const single of all.length > 0 ? all : [event]) {
        const { x, y } = place(single);
        listener.drag(x, y);
      }
    }
    if (fingers.has(event.pointerId)) {
      fingers.set(event.pointerId, now);
    }
    last = now;
  }

  const end = (/** @type {PointerEvent} */ event) => {
    fingers.delete(event.pointerId);
    if (gesture === "pinch" && fingers.size === 1) {
      // The finger that stays moves the image on.
      gesture = "pan";
      [[holder, last]] = fingers;
    } else if (event.pointerId === holder) {
      const wasTool = gesture === "tool";
      gesture = null;
      holder = null;
      if (wasTool && event.type === "pointercancel") {
        listener.cancel();
      } else if (wasTool) {
        listener.release(event);
      }
    }
  };
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", end);
  stage.addEventListener("pointerleave", () => listener.leave());
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const { x, y } = place(event);
    listener.wheel(event, x, y);
  }, { passive: false });
  stage.addEventListener("auxclick", (event) => event.preventDefault());
}
