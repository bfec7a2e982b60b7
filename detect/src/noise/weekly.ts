/** Windows that come back every week, at local times of a zone: Sundays from 02:00, as the people say who do the maintenance. */

import type { Seconds } from '@forewarn/base/time';
import type { WeeklyWindow } from '@forewarn/model/noise';

const weekMinutes = 7 * 1_440;
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Making a format takes a hundred microseconds, using it two. There are some 600 zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(zone, format);
  }
  return format;
}

/** Whether the runtime knows the zone. */
export function knownZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** Minutes since the beginning of Sunday, on the clocks of the zone. */
function minuteOfWeek(zone: string, at: Seconds): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at * 1000)
      .map(({ type, value }) => [type, value]),
  );
  return days.indexOf(parts.get('weekday')!) * 1_440 + Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
}

/**
 * Whether all from `from` to `to` (seconds UTC) lies in one occurrence. Where clocks are set back or forward during it, the local times
 * count, as they do for whoever works then.
 */
export function within(window: WeeklyWindow, from: Seconds, to: Seconds): boolean {
  const length = window.minutes;
  // An instant that no calendar holds is in no window.
  if (!(Math.abs(from) < 8.64e12 && Math.abs(to) < 8.64e12) || to < from || to - from > (length + 120) * 60) return false;
  const [hour, minute] = window.start.split(':').map(Number) as [number, number];
  const first = minuteOfWeek(window.zone, from);
  const last = minuteOfWeek(window.zone, to);
  return window.days.some((day) => {
    const start = day * 1_440 + hour * 60 + minute;
    const a = (first - start + weekMinutes) % weekMinutes;
    const b = (last - start + weekMinutes) % weekMinutes;
    return a < length && b < length && a <= b;
  });
}
