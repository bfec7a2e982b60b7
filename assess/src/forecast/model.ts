/** The parameters of the forecast, read and checked against the catalogue of facts. */

import { Refusal } from '@forewarn/base/refusal';
import { unitFamilies, type FactCatalogue } from '@forewarn/model/facts';
import { ForecastModel } from '@forewarn/model/forecast';
import { readContent } from '@forewarn/model/yaml';

/** Reads `content/forecast/model.yaml`. Throws an `AggregateError` of refusals that name file, line and field. */
export function readForecastModel(text: string, path: string, catalogue: FactCatalogue): ForecastModel {
  const read = readContent(ForecastModel, text, path);
  if (!read.ok) throw new AggregateError(read.refusals, 'content');
  const model = read.value;
  const refusals: Refusal[] = [];
  const refuse = (message: string, ...at: (string | number)[]): void =>
    void refusals.push(new Refusal('content.schema', message, { place: read.place(at) }));
  for (const [i, { fact }] of model.reach.entries())
    if (catalogue.get(fact)?.kind !== 'quantity') refuse(`"${fact}" is no fact that is counted.`, 'reach', i, 'fact');
  for (const [i, fact] of model.still.entries())
    if (catalogue.get(fact)?.kind !== 'quantity') refuse(`"${fact}" is no fact that is counted.`, 'still', i);
  for (const [i, fact] of model.outages.entries()) {
    const definition = catalogue.get(fact);
    if (definition?.kind !== 'quantity' || !(unitFamilies.time as readonly string[]).includes(definition.unit))
      refuse(`"${fact}" is no fact that tells a time.`, 'outages', i);
  }
  if (model.horizonsSeconds.some((horizon, i) => i > 0 && horizon <= model.horizonsSeconds[i - 1]!))
    refuse('Horizons grow from one to the next.', 'horizonsSeconds');
  if (refusals.length > 0) throw new AggregateError(refusals, 'content');
  return model;
}
