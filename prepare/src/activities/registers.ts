/** What controllers measure: levels and pressures that move slowly, valves and pumps that are on or off. */

import type { Host } from '../scenario/scene.ts';

/** The value of a register at a time, alike for everybody who reads it. */
export function registerValue(host: Host): (address: number, at: number) => number {
  const random = host.random.split('registers');
  const base = random.whole(200, 900);
  const swing = random.whole(5, 60);
  const period = random.whole(300, 1_800);
  return (address, at) =>
    Math.max(0, Math.round(base + address * 7 + swing * Math.sin((2 * Math.PI * (at + address * 31)) / period))) & 0xffff;
}
