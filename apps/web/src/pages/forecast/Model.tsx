/** The model in a minute, with its numbers and their mark: nobody takes a forecast on faith. */

import type { ForecastView } from '@forewarn/model/forecast';
import { Panel } from '../../frame/Page.tsx';
import { SourceMark } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';

export function Model({ model }: { model: ForecastView['model'] }) {
  const { t } = useTexts();
  return (
    <Panel title={t('forecast.model')} count={<SourceMark mark={model.confidence} />}>
      <ul className="reasons">
        <li>{t('forecast.model.courses')}</li>
        <li>{t('forecast.model.lasting')}</li>
        <li>{t('forecast.model.growing', { halfLife: model.halfLifeHours, memory: model.memoryHours, spread: model.spread })}</li>
        <li>{t('forecast.model.single', { doubling: model.doublingHours })}</li>
        <li>{t('forecast.model.reach')}</li>
        <li>{t('forecast.model.unknown')}</li>
        <li>{t('forecast.model.score', { minutes: Math.round(model.graceSeconds / 60) })}</li>
      </ul>
      <p className="dim small">{t('forecast.model.version', { version: model.version })}</p>
    </Panel>
  );
}
