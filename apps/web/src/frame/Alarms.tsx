/** Says what just became urgent: a new incident, a missed clock, a warning issued. Seen as a notice and spoken once. */

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { keepView } from './keep.ts';
import { clockStateAt } from '../marks/Marks.tsx';
import { useSecond } from '../session/clock.ts';
import { useTexts } from '../session/language.tsx';
import { situationQuery } from '../session/resources.ts';
import { useNotice } from './notices.tsx';

export function Alarms() {
  const { t, w, l } = useTexts();
  const { data } = useQuery(situationQuery);
  const nowMs = useSecond() * 1000;
  const notice = useNotice();
  const known = useRef<{ incidents: Set<string>; missed: Set<string>; warnings: Set<string> } | null>(null);
  useEffect(() => {
    if (data === undefined) return;
    const missed = data.clocks.filter((clock) => clockStateAt(clock, nowMs) === 'missed');
    const warnings = data.warnings.filter((warning) => warning.state === 'issued' || warning.state === 'adjusted');
    const before = known.current;
    known.current = {
      incidents: new Set(data.incidents.map(({ id }) => id)),
      missed: new Set(missed.map(({ id }) => id)),
      warnings: new Set(warnings.map(({ id, state }) => `${id} ${state}`)),
    };
    if (before === null) return;
    for (const incident of data.incidents) {
      if (before.incidents.has(incident.id)) continue;
      notice({
        text: t('web.alarm.incident', { number: incident.number }),
        detail: w(incident.title),
        action: (
          <Link to="/incidents/$id" params={{ id: incident.id }} search={keepView}>
            {t('web.open')}
          </Link>
        ),
      });
    }
    for (const clock of missed) {
      if (before.missed.has(clock.id)) continue;
      notice({
        text: t('web.alarm.missed', { number: clock.number }),
        detail: l(clock.dutyText),
        bad: true,
        action: (
          <Link to="/incidents/$id" params={{ id: clock.incident }} search={keepView}>
            {t('web.open')}
          </Link>
        ),
      });
    }
    for (const warning of warnings) {
      if (before.warnings.has(`${warning.id} ${warning.state}`)) continue;
      notice({
        text: t('web.alarm.warning', { number: warning.number }),
        detail: l(warning.title),
        action: (
          <Link to="/warnings/$id" params={{ id: warning.id }} search={keepView}>
            {t('web.open')}
          </Link>
        ),
      });
    }
  }, [data, nowMs, notice, t, w, l]);
  return null;
}
