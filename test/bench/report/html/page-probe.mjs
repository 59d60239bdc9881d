// Stands in the page beside its own script, and tells a test what the page looks like.
globalThis.probe = {
  /** How many pixels of a plot are about as a variable of the page's style, or a colour itself, says. */
  pixels(id, colour) {
    const canvas = document.querySelector(`#${id} canvas`);
    if (canvas === null) return 0;
    const hex = colour.startsWith('--') ? variable(colour) : colour;
    const wanted = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] > 200 && wanted.every((channel, index) => Math.abs(channel - data[at + index]) < 12)) count++;
    }
    return count;
  },

  /** Variables of the page's style as `#rrggbb`, as they are now. */
  colours(names) {
    const context = document.createElement('canvas').getContext('2d');
    const hex = (name) => {
      context.fillStyle = variable(name);
      return context.fillStyle;
    };
    return Object.fromEntries(names.map((name) => [name, hex(name)]));
  },

  /** By how many px the page is wider than the window. */
  overflow() {
    return document.documentElement.scrollWidth - document.documentElement.clientWidth;
  },
};

function variable(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
