/**
 * How plots look now: the colours of the page's style, which differ by day, by night and on paper.
 *
 * @typedef {ReturnType<typeof currentLook>} Look
 */

export function currentLook() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: colour('ink'),
    quiet: colour('quiet'),
    grid: colour('line'),
    paper: colour('paper'),
    blue: colour('plot-blue'),
    orange: colour('plot-orange'),
    pink: colour('plot-pink'),
    green: colour('plot-green'),
    /** From few to many, each as `#rrggbb`. */
    heat: [0, 1, 2, 3, 4].map((step) => colour(`heat-${step}`)),
  };
}

/**
 * The same colour, seen through.
 *
 * @param {string} colour `#rrggbb`
 * @param {number} opacity 0 to 1
 */
export function faint(colour, opacity) {
  return `${colour}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`;
}

/**
 * A colour of a scale of at least two.
 *
 * @param {readonly string[]} scale each as `#rrggbb`
 * @param {number} share 0 for the first, 1 for the last
 */
export function colourOf(scale, share) {
  const place = Math.min(Math.max(share, 0), 1) * (scale.length - 1);
  const below = Math.min(Math.floor(place), scale.length - 2);
  const channels = [1, 3, 5].map((at) => {
    const [from = 0, to = 0] = [scale[below], scale[below + 1]].map((colour = '') => Number.parseInt(colour.slice(at, at + 2), 16));
    return Math.round(from + (to - from) * (place - below));
  });
  return `rgb(${channels.join(' ')})`;
}
