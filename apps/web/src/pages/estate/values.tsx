/** How values of the register are shown. */

import { isEstateKind, sectorName, type EstateKind } from '@forewarn/model/estate';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { keepView } from '../../frame/keep.ts';
import { useTexts } from '../../session/language.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import type { Field } from './fields.ts';
import { surfaceKeys } from './words.ts';

/** Entries of a list that a row shows; the others are counted and stand on the item's own page. */
const entriesShown = 4;

export function ItemLink({ kind, id, children }: { kind: EstateKind; id: string; children?: ReactNode }) {
  return (
    <Link to="/estate/$kind/$id" params={{ kind, id }} search={keepView} className={children === undefined ? 'mono' : ''}>
      {children ?? id}
    </Link>
  );
}

/** A field's value in a list or in a former edition. */
export function FieldValue({ column, field, value }: { column: string; field: Field; value: unknown }) {
  const { t, n, w } = useTexts();
  const name = useOrganisationName();
  if (value === undefined || value === null || value === '') return '–';
  if (Array.isArray(value)) {
    if (value.length === 0) return '–';
    return (
      <div>
        {value.slice(0, entriesShown).map((each: unknown, i) => (
          <div key={i} className="mono">
            {entryOf(each)}
          </div>
        ))}
        {value.length > entriesShown ? (
          <div className="dim">{t('estate.others', { count: n(value.length - entriesShown) })}</div>
        ) : null}
      </div>
    );
  }
  if (field.as === 'parts') {
    return Object.entries(value as object).map(([part, of]) => (
      <div key={part}>
        {t(field.parts[part] ?? part)}: {t(field.terms[String(of)] ?? String(of))}
      </div>
    ));
  }
  if (field.as === 'term') return t(field.terms[String(value)] ?? String(value));
  if (typeof value === 'number') return n(value);
  if (column === 'sector') return w(sectorName(String(value)));
  if (field.as === 'ref' && field.of.length === 1 && isEstateKind(field.of[0]!)) {
    const id = String(value);
    return field.of[0] === 'organisations' ? (
      <ItemLink kind="organisations" id={id}>
        {name(id)}
      </ItemLink>
    ) : (
      <ItemLink kind={field.of[0]!} id={id} />
    );
  }
  if (field.as === 'ref') return <span className="mono">{String(value)}</span>;
  return <span className="breakable">{String(value)}</span>;

  function entryOf(each: unknown): ReactNode {
    if (typeof each === 'object' && each !== null) {
      const { kind, name: called } = each as { kind?: string; name?: string };
      return `${t(surfaceKeys[kind as keyof typeof surfaceKeys] ?? 'estate.surface.web')}: ${called ?? ''}`;
    }
    return field.as === 'refs' && field.of.length === 1 ? <ItemLink kind={field.of[0]!} id={String(each)} /> : String(each);
  }
}
