/**
 * What can be done with a value, the same everywhere: include, exclude, only, count by, hunt, open its page, look elsewhere, copy, add to an
 * incident. Opens by click or tap, by the context-menu gesture and key, and by Enter on a focused value.
 */

import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { createContext, use, useCallback, useMemo, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { keepAnd, keepFinding, keepView } from '../frame/keep.ts';
import { useNotice } from '../frame/notices.tsx';
import { Icon } from '../look/icons.tsx';
import { useTexts } from '../session/language.tsx';
import { useQueryText, useSetView } from '../session/view.ts';
import { useMay } from '../session/me.tsx';
import { recordTypesQuery } from '../session/resources.ts';
import { AddToIncident } from './AddToIncident.tsx';
import { defang, isIndicator } from './defang.ts';
import { entityOf } from './entities.ts';
import { huntFor, huntOf } from './hunts.ts';
import { NarrowContext, type Narrow } from './narrow.ts';
import { countedBy } from '@forewarn/model/kql/edit';
import { printPredicate } from '@forewarn/model/query/text';
import { equalTo, opposite, withCondition } from './terms.ts';

export type ValueAt = {
  field: string;
  value: string;
  /** The log whose query the value can narrow; null where the page's own list is filtered. */
  log: string | null;
  /** The flow it stands in. */
  uid?: string | undefined;
};

type Opened = ValueAt & { narrow: Narrow | null; x: number; y: number; height: number; from: HTMLElement };

const ValueMenuContext = createContext<((value: ValueAt, from: HTMLElement, narrow: Narrow | null) => void) | null>(null);

/** Fields of findings by which they are grouped, and what that is called in the address. */
const findingGroupings: { readonly [field: string]: string | undefined } = {
  source: 'source',
  targets: 'target',
  technique: 'technique',
};

const entityOpens = {
  host: 'investigate.value.openHost',
  service: 'investigate.value.openService',
  domain: 'investigate.value.openDomain',
  certificate: 'investigate.value.openCertificate',
} as const;

const writeTerm = (field: string, value: string) => printPredicate(equalTo(field, value));

/** Fields that hold the same thing in other logs, so that a pivot finds it whichever side it stood on. */
function pivots(field: string, value: string): { log: string; term: string }[] {
  if (/^id\.(orig|resp)_h$/.test(field) || field === 'source' || field === 'targets' || field === 'san.ip') {
    return [
      { log: 'conn', term: `(${writeTerm('id.orig_h', value)} or ${writeTerm('id.resp_h', value)})` },
      { log: 'dns', term: `(${writeTerm('id.orig_h', value)} or ${writeTerm('answers', value)})` },
    ];
  }
  if (field === 'query' || field === 'server_name' || field === 'host' || field === 'names' || field === 'san.dns') {
    return [
      { log: 'dns', term: writeTerm('query', value) },
      { log: 'ssl', term: writeTerm('server_name', value) },
      { log: 'http', term: writeTerm('host', value) },
    ];
  }
  if (field === 'community_id') return [{ log: 'conn', term: writeTerm('community_id', value) }];
  if (field === 'uid') return [{ log: 'conn', term: writeTerm('uid', value) }];
  if (field === 'fingerprint' || field === 'cert_chain_fps') {
    return [
      { log: 'x509', term: writeTerm('fingerprint', value) },
      { log: 'ssl', term: writeTerm('cert_chain_fps', value) },
    ];
  }
  return [];
}

export function ValueMenuProvider({ children }: { children: ReactNode }) {
  const { t } = useTexts();
  const [opened, setOpened] = useState<Opened | null>(null);
  const navigate = useNavigate();
  const setView = useSetView();
  const notice = useNotice();
  const text = useQueryText();
  const may = useMay();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const [added, setAdded] = useState<ValueAt | null>(null);
  const open = useCallback((value: ValueAt, from: HTMLElement, narrow: Narrow | null) => {
    const box = from.getBoundingClientRect();
    setOpened({ ...value, narrow, from, x: box.left, y: box.top, height: box.height });
  }, []);
  const close = () => setOpened(null);
  const copy = (copied: string) => {
    void navigator.clipboard.writeText(copied).then(
      () => notice({ text: t('web.value.copied', { value: copied }) }),
      () => notice({ text: t('web.value.notCopied'), bad: true }),
    );
  };
  const hunt = (asked: string) =>
    void navigate({
      to: '/hunt',
      search: keepAnd({ ask: asked }),
    });
  // Where the page has no other way, the query bar's log is narrowed.
  const ofQueryBar = (log: string): Narrow => ({
    include: (field, value) => setView({ q: withCondition(text, equalTo(field, value)) }),
    exclude: (field, value) => setView({ q: withCondition(text, opposite(equalTo(field, value))) }),
    only: (field, value) => setView({ q: printPredicate(equalTo(field, value)) }),
    groupBy: (field) => hunt(countedBy(huntOf(log, text), field)),
    groups: () => true,
  });
  // The list of findings is narrowed by its own query, and grouped by what it can be grouped by.
  const ofFindings: Narrow = {
    ...ofQueryBar(''),
    groupBy: (field) =>
      void navigate({
        to: '/findings',
        search: ((previous: Record<string, unknown>) => ({ ...previous, by: findingGroupings[field] })) as never,
      }),
    groups: (field) => findingGroupings[field] !== undefined,
  };
  const { data: types } = useQuery({ ...recordTypesQuery, enabled: opened?.log != null });
  const personal =
    opened !== null &&
    types?.some(
      ({ log, columns }) =>
        log === opened.log && columns.some(({ name, class: of }) => name === opened.field && of === 'personal'),
    );
  const entity = opened === null ? null : entityOf(opened.field, opened.value);
  const narrow =
    opened === null
      ? null
      : (opened.narrow ?? (opened.log !== null ? ofQueryBar(opened.log) : path === '/findings' ? ofFindings : null));
  const elsewhere = useMemo(() => (opened === null ? [] : pivots(opened.field, opened.value)), [opened]);
  return (
    <ValueMenuContext value={open}>
      {children}
      {opened === null ? null : (
        <Menu
          opened
          onClose={close}
          onDismiss={() => opened.from.focus({ preventScroll: true })}
          position="bottom-start"
          offset={2}
          returnFocus={false}
          trapFocus
          key={`${opened.x} ${opened.y} ${opened.value}`}
        >
          <Menu.Target>
            <button
              type="button"
              tabIndex={-1}
              aria-label={t('web.value.menu')}
              className="menu-anchor"
              style={{ left: opened.x, top: opened.y, height: opened.height }}
            />
          </Menu.Target>
          <Menu.Dropdown className="value-menu" aria-label={t('web.value.menu')}>
            <Menu.Label>
              <span className="value-menu-field">{opened.field}</span> <span className="value-menu-value">{opened.value}</span>
            </Menu.Label>
            {narrow === null ? null : (
              <>
                <Menu.Item leftSection={<Icon name="plus" />} onClick={() => narrow.include(opened.field, opened.value)}>
                  {t('web.value.include')}
                </Menu.Item>
                <Menu.Item leftSection={<Icon name="not" />} onClick={() => narrow.exclude(opened.field, opened.value)}>
                  {t('web.value.exclude')}
                </Menu.Item>
                <Menu.Item leftSection={<Icon name="only" />} onClick={() => narrow.only(opened.field, opened.value)}>
                  {t('web.value.only')}
                </Menu.Item>
                {!narrow.groups(opened.field) ? null : (
                  <Menu.Item leftSection={<Icon name="board" />} onClick={() => narrow.groupBy(opened.field)}>
                    {t('investigate.value.groupBy', { field: opened.field })}
                  </Menu.Item>
                )}
                <Menu.Divider />
              </>
            )}
            {entity === null ? null : (
              <Menu.Item
                leftSection={<Icon name={entity.kind === 'host' ? 'sensor' : entity.kind === 'domain' ? 'estate' : 'key'} />}
                onClick={() =>
                  void navigate({
                    to: '/entities/$kind/$id',
                    params: { kind: entity.kind, id: entity.id },
                    search: keepView,
                  })
                }
              >
                {t(entityOpens[entity.kind])}
              </Menu.Item>
            )}
            {personal && may('packets:read') ? (
              <Menu.Item
                leftSection={<Icon name="person" />}
                onClick={() => void navigate({ to: '/entities/account/$id', params: { id: opened.value }, search: keepFinding })}
              >
                {t('investigate.value.openAccount')}
              </Menu.Item>
            ) : null}
            {may('records:read') ? (
              <Menu.Item
                leftSection={<Icon name="search" />}
                onClick={() => hunt(huntFor(opened.log, opened.field, opened.value))}
              >
                {t('investigate.value.hunt')}
              </Menu.Item>
            ) : null}
            {may('incidents:write') ? (
              <Menu.Item leftSection={<Icon name="incidents" />} onClick={() => setAdded(opened)}>
                {t('investigate.value.toIncident')}
              </Menu.Item>
            ) : null}
            <Menu.Divider />
            <Menu.Item leftSection={<Icon name="copy" />} onClick={() => copy(opened.value)}>
              {t('web.value.copy')}
            </Menu.Item>
            {isIndicator(opened.value) ? (
              <Menu.Item leftSection={<Icon name="copy" />} onClick={() => copy(defang(opened.value))}>
                {t('web.value.copyDefanged', { value: defang(opened.value) })}
              </Menu.Item>
            ) : null}
            {opened.uid === undefined ? null : (
              <Menu.Item
                leftSection={<Icon name="flow" />}
                onClick={() => void navigate({ to: '/traffic/flow/$uid', params: { uid: opened.uid! }, search: keepView })}
              >
                {t('web.value.flow')}
              </Menu.Item>
            )}
            {elsewhere.map((pivot) => (
              <Menu.Item
                key={pivot.log}
                leftSection={<Icon name="traffic" />}
                onClick={() =>
                  void navigate({
                    to: '/traffic/$log',
                    params: { log: pivot.log },
                    search: keepAnd({ q: pivot.term }),
                  })
                }
              >
                {t('web.value.pivot', { log: pivot.log })}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {added === null ? null : <AddToIncident value={added} close={() => setAdded(null)} />}
    </ValueMenuContext>
  );
}

export function useValueMenu(): (value: ValueAt, from: HTMLElement) => void {
  const open = use(ValueMenuContext);
  const narrow = use(NarrowContext);
  if (open === null) throw new Error('The value menu is used outside its provider.');
  return useCallback((value, from) => open(value, from, narrow), [open, narrow]);
}

/** A value that opens the menu. `shown` is how it is written on the page, when that differs. */
export function Value({ field, value, log, uid, shown, tabIndex }: ValueAt & { shown?: string; tabIndex?: number }) {
  const open = useValueMenu();
  const at = { field, value, log, uid };
  return (
    <button
      type="button"
      className="value"
      tabIndex={tabIndex}
      data-value
      aria-haspopup="menu"
      onClick={(event: MouseEvent<HTMLElement>) => {
        event.stopPropagation();
        open(at, event.currentTarget);
      }}
      onContextMenu={(event: MouseEvent<HTMLElement>) => {
        event.preventDefault();
        open(at, event.currentTarget);
      }}
      onKeyDown={(event: KeyboardEvent<HTMLElement>) => {
        if (event.key === 'Enter' || event.key === ' ') event.stopPropagation();
      }}
    >
      {shown ?? value}
    </button>
  );
}
