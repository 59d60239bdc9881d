/**
 * Looks at a page: `[ratio, text]` of each text that can be seen, by WCAG 2, worst first. In the language of the browser, for
 * `page.evaluate`.
 */
export const CONTRASTS = `(() => {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const contrast = (element, style) => {
    const [high, low] = [luminance(rgba(style.color)), luminance(groundOf(element))].sort((one, other) => other - one);
    return (high + 0.05) / (low + 0.05);
  };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data).join('').trim() || element.placeholder;
    if (!text || element.closest('.unseen, script') || !element.checkVisibility()) continue;
    const style = element.placeholder && !element.value ? getComputedStyle(element, '::placeholder') : getComputedStyle(element);
    found.push([contrast(element, style), text]);
  }
  return found.sort((one, other) => one[0] - other[0]);
})()`;
