/** What is protected and whose it is: the registers of all kinds as tables, or as a tree. */

import type { EstateKind } from '@forewarn/model/estate';
import { isEstateKind } from '@forewarn/model/estate';
import { Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { Page } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { countsQuery, exportAddress, useDayShown } from './asking.ts';
import { Register } from './Register.tsx';
import { useTemplate } from './templates.ts';
import { EstateTree } from './Tree.tsx';
import { estateKinds } from './words.ts';

export function EstatePage() {
  const { kind: asked } = useParams({ strict: false }) as { kind: string };
  const kind: EstateKind = isEstateKind(asked) ? asked : 'organisations';
  return (
    <EstateFrame kind={kind}>
      <Register key={kind} kind={kind} />
    </EstateFrame>
  );
}

export function EstateTreePage() {
  return (
    <EstateFrame kind="tree">
      <EstateTree />
    </EstateFrame>
  );
}

function EstateFrame({ kind, children }: { kind: EstateKind | 'tree'; children: React.ReactNode }) {
  const { t, n } = useTexts();
  const { data: counts } = useQuery(countsQuery);
  return (
    <Page
      title={kind === 'tree' ? t('estate.tree') : t(estateKinds[kind])}
      tools={<Tools kind={kind === 'tree' ? 'assets' : kind} />}
      heading={
        <>
          <h1>{t('web.page.estate')}</h1>
          <nav className="log-tabs" aria-label={t('web.estate.kinds')}>
            <Link to="/estate/tree" search={keepView} activeProps={{ 'aria-current': 'page' }}>
              {t('estate.tree')}
            </Link>
            {(Object.entries(estateKinds) as [EstateKind, string][]).map(([each, key]) => (
              <Link
                key={each}
                to="/estate/$kind"
                params={{ kind: each }}
                search={keepView}
                activeOptions={{ exact: true, includeSearch: false }}
                activeProps={{ 'aria-current': 'page' }}
              >
                <span>
                  {t(key)}
                  {counts?.[each] === undefined ? null : <span className="tab-count">{n(counts[each])}</span>}
                </span>
              </Link>
            ))}
          </nav>
        </>
      }
    >
      {children}
    </Page>
  );
}

function Tools({ kind }: { kind: EstateKind }) {
  const { t } = useTexts();
  const may = useMay();
  const navigate = useNavigate();
  const template = useTemplate();
  const { at } = useDayShown();
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<Icon name="download" />}>
            {t('estate.export')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component="a" href={exportAddress(kind, 'csv', at)} download={`${kind}.csv`}>
            {t('estate.export.csv')}
          </Menu.Item>
          <Menu.Item component="a" href={exportAddress(kind, 'json', at)} download={`${kind}.json`}>
            {t('estate.export.json')}
          </Menu.Item>
          <Menu.Item onClick={() => template(kind)}>{t('estate.template')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {may('estate:write') ? (
        <>
          <Button
            variant="default"
            leftSection={<Icon name="plus" />}
            onClick={() => void navigate({ to: '/estate/add/$kind', params: { kind }, search: keepView })}
          >
            {t('estate.add')}
          </Button>
          <Button
            variant="default"
            leftSection={<Icon name="upload" />}
            onClick={() => void navigate({ to: '/estate/import', search: keepView })}
          >
            {t('web.estate.import')}
          </Button>
          <Button onClick={() => void navigate({ to: '/estate/start', search: keepView })}>{t('estate.start')}</Button>
        </>
      ) : null}
    </>
  );
}
