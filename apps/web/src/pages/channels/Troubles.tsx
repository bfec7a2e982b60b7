/** What did not arrive, before all else: at which endpoint, why, and how much was given up. */

import type { EndpointView } from '@forewarn/model/channel';
import { Panel } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMe } from '../../session/me.tsx';
import { useOrganisationName } from '../../session/resources.ts';

export function Troubles({ troubles }: { troubles: readonly EndpointView[] }) {
  const { t, n } = useTexts();
  const me = useMe();
  const organisation = useOrganisationName();
  return (
    <Panel title={t('notices.troubles')} count={n(troubles.length)} className="channel-troubles">
      <ul className="channel-trouble-list">
        {troubles.map((one) => (
          <li key={one.id}>
            <Icon name="alert" />
            <div>
              <strong>{one.name}</strong>
              {one.organisation === me.organisation.id ? null : <span className="dim"> · {organisation(one.organisation)}</span>}
              <TroubleText endpoint={one} />
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Why, since when, and what came of it. */
export function TroubleText({ endpoint: { trouble, waiting } }: { endpoint: EndpointView }) {
  const { t, w, n } = useTexts();
  if (trouble === null) return null;
  return (
    <div className="small">
      <span className="bad-text">{w(trouble.text)}</span>{' '}
      <span className="dim">
        {trouble.givenUp === 0 ? null : <>{t('notices.trouble.givenUp', { count: n(trouble.givenUp) })} · </>}
        {waiting === 0 ? null : <>{t('notices.trouble.waiting', { count: n(waiting) })} · </>}
        <At at={trouble.at} />
      </span>
    </div>
  );
}
