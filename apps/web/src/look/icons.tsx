/** The workbench's own icons: sixteen units square, one stroke, no fill. Always beside a text or a label. */

const paths = {
  situation: 'M2 12a6 6 0 1 1 12 0M8 12l3-4M4 12h.01M8 6h.01',
  incidents: 'M8 2 14.5 13.5h-13zM8 6.5v3M8 11.6v.1',
  warnings: 'M2.5 6.5v3h2l5 3v-9l-5 3zM12 5.5a3.5 3.5 0 0 1 0 5M4.5 9.5l.8 3.5h1.7',
  findings: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.3 10.3l3.7 3.7M5 7l1.5 1.5L9 5.8',
  traffic: 'M2 5h10M9.5 2.5 12 5 9.5 7.5M14 11H4M6.5 8.5 4 11l2.5 2.5',
  estate: 'M2.5 14V5L8 2l5.5 3v9M6 14v-3.5h4V14M5.5 7h.01M10.5 7h.01M8 7h.01',
  audit:
    'M6.5 9.5a2.5 2.5 0 0 0 3.6 0l2.2-2.2a2.5 2.5 0 0 0-3.6-3.6l-.9.9M9.5 6.5a2.5 2.5 0 0 0-3.6 0L3.7 8.7a2.5 2.5 0 0 0 3.6 3.6l.9-.9',
  accounts:
    'M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M11 7.2a2.2 2.2 0 0 0 0-4.4M12.2 9.8c1.5.500 2.3 1.8 2.3 3.7',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.3 10.3 14 14',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.8V8l2.2 1.5',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7',
  auto: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 2v12M8 5l4 .5M8 8h6M8 11l4-.5',
  language: 'M2 4h7M5.5 2.5V4M3.5 4c.5 2.5 2 4.2 4.2 5.2M7.7 4C7.2 6.7 5.3 8.7 2.5 9.7M8 14l3-7 3 7M9 11.7h4',
  down: 'm4 6 4 4 4-4',
  right: 'm6 4 4 4-4 4',
  left: 'm10 4-4 4 4 4',
  close: 'm4 4 8 8M12 4l-8 8',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  only: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 8h.01',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'm5 3 8 5-8 5z',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  alert: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 5v3.5M8 11v.01',
  person: 'M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8M2.8 14c0-2.7 2.3-4 5.2-4s5.2 1.3 5.2 4',
  out: 'M6.5 2.5h-4v11h4M6 8h8M11 5l3 3-3 3',
  upload: 'M8 11V2.5M5 5.5l3-3 3 3M2.5 10v3.5h11V10',
  download: 'M8 2.5V11M5 8l3 3 3-3M2.5 12v1.5h11V12',
  columns: 'M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5h.01M6.5 6.5h.01M9 6.5h.01M11.5 6.5h.01M5 9.5h6',
  flow: 'M3.5 3.5h.01M3.5 12.5h.01M12.5 8h.01M5 4.2c3 .8 3 3 6 3.6M5 11.8c3-.8 3-3 6-3.6',
  board: 'M2.5 3h3v10h-3zM6.5 3h3v6h-3zM10.5 3h3v8h-3z',
  list: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01',
  send: 'M14 2 7 9M14 2l-4.5 12L7 9 2 6.5z',
  sensor:
    'M8 7a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3M5 11.5a4.2 4.2 0 0 1 0-6M11 5.5a4.2 4.2 0 0 1 0 6M3 13.5a7 7 0 0 1 0-10M13 3.5a7 7 0 0 1 0 10',
  coverage: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  link: 'M5.5 8h5M3.5 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4M12.5 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  packets: 'M2.5 5 8 2.2 13.5 5v6L8 13.8 2.5 11zM2.5 5 8 7.8 13.5 5M8 7.8v6',
  not: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M4.2 4.2l7.6 7.6',
  key: 'M5 6.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M7.2 7.5 13 2M10.5 4.5l2 2',
  building: 'M3.5 14V2.5h9V14M6.5 5.5h.01M9.5 5.5h.01M6.5 8.5h.01M9.5 8.5h.01M7 14v-2.5h2V14M2 14h12',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
