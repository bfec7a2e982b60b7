/** Forecasts of open incidents, of one incident by any scheme, and how well they did. */

import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { forecast, levelNow, reasonsOf, seriousness } from '@forewarn/assess/forecast/forecast';
import { calibration } from '@forewarn/assess/forecast/score';
import {
  CalibrationView,
  ForecastListView,
  ForecastView,
  type ForecastModel,
  type ForecastPoint,
  type KeptForecast,
  type ScoredForecastView,
} from '@forewarn/model/forecast';
import type { Words } from '@forewarn/model/text';
import { factsOf } from '@forewarn/store/resources/facts';
import { forecastsOf, newestForecasts, numbersOf, scoredForecasts } from '@forewarn/store/resources/forecasts';
import { findIncident, listIncidents, participantsOf } from '@forewarn/store/resources/incidents';
import type { Route } from '../api/route.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import { sightInto } from '../causes/chain.ts';
import { summaries } from '../incidents/view.ts';
import { found, invalid } from '../refusals.ts';
import { knownOf, reachedBy } from './known.ts';

/** Open incidents that a page looks ahead of; more are read in the list of incidents. */
const listedMax = 200;
/** Scored forecasts that a page names; the figures are of all. */
const recentMax = 60;
const daySeconds = 86_400;

const modelView = ({ outages: _outages, reach: _reach, still: _still, ...shown }: ForecastModel) => shown;

const pointView = (point: ForecastPoint, dueAt: number) => ({
  horizonSeconds: point.horizonSeconds,
  expected: point.expected,
  lightest: point.lightest,
  gravest: point.gravest,
  courses: point.courses,
  facts: point.facts,
  dueAt: formatInstant(dueAt),
});

function scoredView(one: KeptForecast, number: string): ScoredForecastView {
  const { facts: _, ...point } = pointView(one, one.dueAt);
  const { incident, at, now, actual, confirmed, scoredAt } = one;
  return { ...point, incident, number, at: formatInstant(at), now, actual, confirmed, due: scoredAt !== null };
}

const oneForecast = route({
  method: 'get',
  path: '/incidents/{id}/forecast',
  access: 'incidents:read',
  summary:
    'The expected grade of an incident at each horizon with its band, by any scheme; and what its earlier forecasts came to.',
  params: Id,
  query: z.object({ scheme: z.string().max(64).optional().describe('The leading one, when left out; only its forecasts are kept and scored.') }), // oxfmt-ignore
  answer: ForecastView,
  async handle({ center, principal, scope, params, query }) {
    const compiled = center.schemes.find(({ scheme }) => scheme.id === (query.scheme ?? center.schemes[0]!.scheme.id));
    if (!compiled) throw invalid('scheme', `There is no scheme "${query.scheme}".`, 'GET /schemes lists them.');
    const index = await center.estate.index();
    const estate = await center.estate.whole();
    return center.database.scoped(scope, async (tx) => {
      const incident = found(await findIncident(tx, params.id));
      const concerned = (await participantsOf(tx, [incident.id])).get(incident.id)!.filter((one) => one.concerned).map((one) => one.organisation); // oxfmt-ignore
      // Facts, and what the estate lets expect, are not for who is only told; how many users others serve is theirs to know.
      const sight = await sightInto(tx, center, principal, incident);
      const informed = sight === 'informed';
      const facts = await factsOf(tx, incident.id);
      const at = center.clock.now();
      const reached = reachedBy(index, estate, { hosts: incident.hosts, concerned });
      const known = knownOf(incident, facts, reached, at);
      const points = forecast(compiled, center.content.facts, known, center.forecast);
      const moving = new Set(points.flatMap((point) => point.facts.map(({ fact }) => fact)));
      const earlier = await forecastsOf(tx, incident.id);
      const shown = (point: ForecastPoint): ForecastPoint =>
        informed
          ? { ...point, facts: [] }
          : sight === 'whole'
            ? point
            : { ...point, facts: point.facts.filter(({ movement }) => movement !== 'reach') };
      const because: Words[] = informed ? [] : reasonsOf(compiled, center.content.facts, sight === 'whole' ? known : { ...known, reached: [] }, center.forecast); // oxfmt-ignore
      return {
        at: formatInstant(at),
        scheme: compiled.scheme.id,
        model: modelView(center.forecast),
        over: known.over,
        now: levelNow(compiled, known),
        points: points.map((point) => pointView(shown(point), at + point.horizonSeconds)),
        because,
        stated: informed
          ? []
          : known.statements.flatMap(({ fact, value, at: since }) => {
              if (!moving.has(fact)) return [];
              if (value.kind === 'quantity') return [{ fact, at: formatInstant(since), min: value.value, max: value.value }];
              return value.kind === 'interval' ? [{ fact, at: formatInstant(since), min: value.min, max: value.max }] : [];
            }),
        earlier: earlier.map((one) => scoredView(one, incident.number)),
      };
    });
  },
});

const listOfForecasts = route({
  method: 'get',
  path: '/forecasts',
  access: 'incidents:read',
  summary: 'The newest forecasts of open incidents by the leading scheme, those that may grow worst first.',
  answer: ForecastListView,
  async handle({ center, principal, scope }) {
    const index = await center.estate.index();
    return center.database.scoped(scope, async (tx) => {
      const { items } = await listIncidents(tx, { limit: listedMax, state: 'open' });
      const newest = await newestForecasts(tx, items.map(({ id }) => id)); // oxfmt-ignore
      const told = new Map((await summaries(tx, center, index, principal, items)).map((one) => [one.id, one]));
      const rows = items.flatMap(({ id, number }) => {
        const points = newest.get(id)!;
        if (points.length === 0) return [];
        const { title, organisations } = told.get(id)!;
        return [
          {
            incident: id,
            number,
            title,
            organisations,
            at: formatInstant(points[0]!.at),
            now: points[0]!.now,
            points: points.map((point) => {
              const { facts: _, ...shown } = pointView(point, point.dueAt);
              return shown;
            }),
          },
        ];
      });
      const worst = (row: (typeof rows)[number]): number[] => {
        const last = row.points.at(-1)!;
        return [last.expected, last.gravest, row.now].map(seriousness);
      };
      rows.sort((a, b) => {
        const [left, right] = [worst(a), worst(b)];
        const differs = left.findIndex((value, i) => value !== right[i]);
        return differs < 0 ? (a.number < b.number ? -1 : 1) : right[differs]! > left[differs]! ? 1 : -1;
      });
      return {
        at: formatInstant(center.clock.now()),
        scheme: center.schemes[0]!.scheme.id,
        model: modelView(center.forecast),
        items: rows,
      };
    });
  },
});

const forecastCalibration = route({
  method: 'get',
  path: '/forecast-calibration',
  access: 'incidents:read',
  summary: 'How well forecasts of incidents that the asker sees did: coverage of the band, Brier score, reliability.',
  query: z.object({ days: z.coerce.number().int().min(1).max(730).default(365) }),
  answer: CalibrationView,
  handle: ({ center, scope, query }) =>
    center.database.scoped(scope, async (tx) => {
      const [leading] = center.schemes;
      const since = center.clock.now() - query.days * daySeconds;
      const { items, unconfirmed, waiting } = await scoredForecasts(tx, leading!.scheme.id, since);
      const recent = items.slice(0, recentMax);
      const numbers = await numbersOf(tx, [...new Set(recent.map(({ incident }) => incident))]);
      return {
        ...calibration(items, leading!.scheme.levels.map(({ level }) => level)), // oxfmt-ignore
        scheme: leading!.scheme.id,
        model: modelView(center.forecast),
        since: formatInstant(since),
        unconfirmed,
        waiting,
        recent: recent.map((one) => scoredView(one, numbers.get(one.incident) ?? '')),
      };
    }),
});

export const forecastRoutes: readonly Route[] = [oneForecast, listOfForecasts, forecastCalibration];
