const SVG = 'http://www.w3.org/2000/svg';

/** Paths on a field of 16 by 16. */
const PATHS = {
  check: 'M3 8.5 6.5 12 13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  shield: 'M8 1.8 13.2 4v4c0 3.2-2.2 5.2-5.2 6.2C5 13.2 2.8 11.2 2.8 8V4zM5.5 8l2 2 3.2-3.8',
  warning: 'M8 2 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.3',
  offline: 'M2 6c3.5-3 8.5-3 12 0M4.5 8.7c2-1.7 5-1.7 7 0M8 12v.3M2.5 2.5l11 11',
  wallet: 'M2.5 4.5h11v8h-11zM2.5 4.5 10.5 2.5v2M10.5 8.5h3',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9M10.5 10.5 14 14',
  empty: 'M2.5 9.5 4.5 3.5h7l2 6v3.5h-11zM2.5 9.5h3.5l1 1.5h2l1-1.5h3.5',
  copy: 'M5.5 5.5h7v8h-7zM3.5 10.5v-8h7',
} as const;

export type Icon = keyof typeof PATHS;

/** A drawing beside words that say the same. */
export function icon(name: Icon): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  svg.append(path);
  return svg;
}
