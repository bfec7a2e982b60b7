/** A picture with its table twin: one button turns one into the other, and the name says what it shows. */

import { useState, type ReactNode } from 'react';
import { Icon } from '../look/icons.tsx';
import { useTexts } from '../session/language.tsx';

export function Picture({ label, table, children }: { label: string; table: ReactNode; children: ReactNode }) {
  const { t } = useTexts();
  const [asTable, setAsTable] = useState(false);
  return (
    <figure className="picture" aria-label={label}>
      <div className="picture-tools">
        <button type="button" className="tool" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          <Icon name="list" size={14} />
          <span>{t('web.chart.table')}</span>
        </button>
      </div>
      {asTable ? table : children}
    </figure>
  );
}
