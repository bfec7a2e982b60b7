/** The frame round every page: rail, query bar, range of time, who is signed in, what is live. */

import { Drawer, Menu, Popover, SegmentedControl, Tooltip, useMantineColorScheme } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Icon } from '../look/icons.tsx';
import { clockStateAt } from '../marks/Marks.tsx';
import { roleKeys, waitsForPerson } from '../marks/Stage.tsx';
import { ask } from '../session/api.ts';
import { useSecond } from '../session/clock.ts';
import { useTexts } from '../session/language.tsx';
import { LiveProvider, useLive } from '../session/live.tsx';
import { MeContext, useMay, useMe } from '../session/me.tsx';
import { meQuery, situationQuery, warningsQuery } from '../session/resources.ts';
import { demoPeopleQuery, useSignIn } from '../session/sign-in.ts';
import { ValueMenuProvider } from '../values/ValueMenu.tsx';
import { Alarms } from './Alarms.tsx';
import { keepView } from './keep.ts';
import { isTyping, moveRow, openRow, selectRow, useKeys } from './keys.ts';
import { pageGroups, pages, type PageEntry } from './pages.ts';
import type { PaletteAction } from './Palette.tsx';
import { QueryBar } from './QueryBar.tsx';
import { TimeRange } from './TimeRange.tsx';

const Palette = lazy(async () => ({ default: (await import('./Palette.tsx')).Palette }));
const KeyboardHelp = lazy(async () => ({ default: (await import('./KeyboardHelp.tsx')).KeyboardHelp }));

export function Frame() {
  const { data: me } = useQuery(meQuery);
  if (me === undefined) return null;
  return (
    <MeContext value={me}>
      <LiveProvider>
        <ValueMenuProvider>
          <FrameBody />
        </ValueMenuProvider>
      </LiveProvider>
    </MeContext>
  );
}

function FrameBody() {
  const { t, language, setLanguage } = useTexts();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const navigate = useNavigate();
  const may = useMay();
  const live = useLive();
  const signOut = useSignOut();
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname ?? state.location.pathname });
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const [more, setMore] = useState(false);
  const main = useRef<HTMLElement>(null);

  // After going to another page the reader stands at its beginning, by eye and by screen reader.
  const shownPath = useRef(path);
  useEffect(() => {
    if (shownPath.current === path) return;
    shownPath.current = path;
    setMore(false);
    main.current?.scrollTo(0, 0);
    // Whoever has begun to type meanwhile goes on typing.
    if (!isTyping(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [path]);

  useKeys((key, event) => {
    if (key === 'mod+k') {
      setPalette((opened) => !opened);
      return true;
    }
    if (document.querySelector('[role=dialog][aria-modal=true]') !== null) return false;
    if (key === '/') {
      document.querySelector<HTMLElement>('[data-query]')?.focus();
      return true;
    }
    if (key === 't') {
      document.querySelector<HTMLElement>('[data-time-range]')?.click();
      return true;
    }
    if (key === '?') {
      setHelp(true);
      return true;
    }
    if (key === 'p') {
      live.setPaused(!live.paused);
      return true;
    }
    if (key === 'j' || key === 'k') return moveRow(key === 'j' ? 1 : -1);
    if (key === 'Enter') return openRow();
    if (key === 'x') return selectRow();
    if (key === 'Escape') {
      // An open menu or popover has already taken it, and given the focus back.
      if (event.target instanceof Element && event.target.closest('[role=menu], [role=dialog], [role=listbox]') !== null)
        return false;
      const focused = document.activeElement;
      if (focused instanceof HTMLElement && focused !== document.body && focused !== main.current) {
        main.current?.focus({ preventScroll: true });
        return true;
      }
      const up = document.querySelector<HTMLAnchorElement>('main a[data-up]');
      if (up === null) return false;
      up.click();
      return true;
    }
    const page = pages.find(({ letter }) => key === `g ${letter}`);
    if (page !== undefined && may(page.needs)) {
      void navigate({ to: page.to, search: keepView });
      event.preventDefault();
      return true;
    }
    return false;
  });

  const actions = useMemo<PaletteAction[]>(
    () => [
      ...(may('warnings:draft')
        ? [
            {
              id: 'draft',
              label: t('web.warnings.new'),
              icon: 'warnings' as const,
              run: () => void navigate({ to: '/warnings/new', search: keepView }),
            },
          ]
        : []),
      {
        id: 'language',
        label: language === 'en' ? '切换到中文' : 'Switch to English',
        icon: 'language',
        run: () => setLanguage(language === 'en' ? 'zh' : 'en'),
      },
      {
        id: 'scheme',
        label: colorScheme === 'light' ? t('web.scheme.toDark') : t('web.scheme.toLight'),
        icon: colorScheme === 'light' ? 'moon' : 'sun',
        run: () => setColorScheme(colorScheme === 'light' ? 'dark' : 'light'),
      },
      {
        id: 'pause',
        label: live.paused ? t('web.live.resume') : t('web.live.pause'),
        icon: live.paused ? 'play' : 'pause',
        run: () => live.setPaused(!live.paused),
      },
      { id: 'keys', label: t('web.keys.title'), icon: 'keyboard', run: () => setHelp(true) },
      { id: 'out', label: t('web.signOut'), icon: 'out', run: signOut },
    ],
    [t, language, setLanguage, colorScheme, setColorScheme, live, may, navigate, signOut],
  );

  return (
    <div className="frame">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t('web.skip')}
      </a>
      <Rail openPalette={() => setPalette(true)} />
      <header className="top-bar">
        <Link to="/situation" search={keepView} className="brand brand-small" aria-label="Forewarn">
          <Mark />
        </Link>
        <QueryBar />
        <div className="top-tools">
          <TimeRange />
          <LiveState />
          <LanguageSwitch />
          <SchemeSwitch />
          <DemoBadge />
          <AccountMenu signOut={signOut} openHelp={() => setHelp(true)} />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} className="main">
        <Suspense fallback={<p className="loading">{t('web.loading')}</p>}>
          <Outlet />
        </Suspense>
      </main>
      <BottomBar openMore={() => setMore(true)} />
      <Drawer
        opened={more}
        onClose={() => setMore(false)}
        position="bottom"
        size="auto"
        title={t('web.more')}
        closeButtonProps={{ 'aria-label': t('web.close') }}
      >
        <nav aria-label={t('web.rail')} className="drawer-pages">
          <RailLinks />
        </nav>
        <div className="drawer-switches">
          <LanguageControl />
          <SchemeControl />
        </div>
      </Drawer>
      <Alarms />
      <Suspense>
        {palette ? <Palette opened close={() => setPalette(false)} actions={actions} /> : null}
        {help ? <KeyboardHelp opened close={() => setHelp(false)} /> : null}
      </Suspense>
    </div>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true" className="mark">
      <path d="M7 24V8h12M7 16h8" />
      <path className="mark-arc" d="M20 24a8 8 0 0 0 5.500-8 8 8 0 0 0-2.500-6" />
    </svg>
  );
}

/** How many things of each page wait; the title says what is counted. */
type Count = { count: number; urgent: boolean; title: string };

function useCounts(): { [to: string]: Count | undefined } {
  const { t } = useTexts();
  const may = useMay();
  const { data } = useQuery({ ...situationQuery, enabled: may('situation:read') });
  const { data: warnings } = useQuery({ ...warningsQuery, enabled: may('warnings:issue') });
  // Whole tens of seconds: counts need not be asked each second whether a clock has run out.
  const nowMs = Math.floor(useSecond() / 10) * 10_000;
  return useMemo((): { [to: string]: Count | undefined } => {
    if (data === undefined) return {};
    const urgent = data.clocks.filter((clock) => ['missed', 'due-soon'].includes(clockStateAt(clock, nowMs)));
    const open = data.incidents.filter(({ state }) => state !== 'closed').length;
    const active = data.warnings.filter(({ state }) => state === 'issued' || state === 'adjusted').length;
    const drafts = (warnings?.items ?? []).filter(waitsForPerson).length;
    return {
      '/situation': { count: urgent.length, urgent: urgent.length > 0, title: t('web.count.clocks', { count: urgent.length }) },
      '/incidents': { count: open, urgent: false, title: t('web.count.incidents', { count: open }) },
      '/warnings': { count: active + drafts, urgent: drafts > 0, title: t('web.count.warnings', { active, drafts }) },
    };
  }, [data, warnings, nowMs, t]);
}

function RailLink({ page, short = false }: { page: PageEntry; short?: boolean }) {
  const { t } = useTexts();
  const count = useCounts()[page.to];
  return (
    <Link
      to={page.to}
      search={keepView}
      className="rail-link"
      activeProps={{ 'aria-current': 'page' }}
      title={short ? undefined : `${t(page.key)} (g ${page.letter})`}
    >
      <Icon name={page.icon} size={18} />
      <span className="rail-label">{t(page.key)}</span>
      {count === undefined || count.count === 0 ? null : (
        <span className="rail-count" data-urgent={count.urgent || undefined} title={count.title}>
          <span aria-hidden="true">{count.count}</span>
          <span className="visually-hidden">{count.title}</span>
        </span>
      )}
    </Link>
  );
}

function RailLinks() {
  const { t } = useTexts();
  const may = useMay();
  return pageGroups.map((group) => {
    const shown = group.pages.filter((page) => may(page.needs));
    if (shown.length === 0) return null;
    return (
      <div className="rail-group" key={group.title} role="group" aria-label={t(group.title)}>
        <div className="rail-title" aria-hidden="true">
          {t(group.title)}
        </div>
        {shown.map((page) => (
          <RailLink key={page.to} page={page} />
        ))}
      </div>
    );
  });
}

function Rail({ openPalette }: { openPalette: () => void }) {
  const { t, l } = useTexts();
  const me = useMe();
  return (
    <nav className="rail" aria-label={t('web.rail')}>
      <Link to="/situation" search={keepView} className="brand">
        <Mark />
        <span className="brand-words">
          <span className="brand-name">Forewarn</span>
          <span className="brand-organisation">{l(me.organisation.name)}</span>
        </span>
      </Link>
      <RailLinks />
      <button type="button" className="rail-palette" onClick={openPalette}>
        <Icon name="search" />
        <span>{t('web.palette.open')}</span>
        <kbd>Ctrl K</kbd>
      </button>
    </nav>
  );
}

function BottomBar({ openMore }: { openMore: () => void }) {
  const { t } = useTexts();
  const may = useMay();
  return (
    <nav className="bottom-bar" aria-label={t('web.rail')}>
      {pages
        .filter((page) => may(page.needs))
        .slice(0, 4)
        .map((page) => (
          <RailLink key={page.to} page={page} short />
        ))}
      <button type="button" className="rail-link" onClick={openMore}>
        <Icon name="more" size={18} />
        <span className="rail-label">{t('web.more')}</span>
      </button>
    </nav>
  );
}

function LiveState() {
  const { t } = useTexts();
  const live = useLive();
  const label = live.paused
    ? live.pending > 0
      ? t('web.live.pausedCount', { count: live.pending })
      : t('web.live.paused')
    : live.state === 'live'
      ? t('web.live.live')
      : live.state === 'connecting'
        ? t('web.live.connecting')
        : t('web.live.broken');
  return (
    <Tooltip label={live.paused ? t('web.live.resume') : t('web.live.pause')}>
      <button
        type="button"
        className="live-state"
        data-state={live.paused ? 'paused' : live.state}
        aria-pressed={live.paused}
        onClick={() => live.setPaused(!live.paused)}
      >
        {live.paused ? <Icon name="play" size={14} /> : <span className="live-dot" aria-hidden="true" />}
        <span>{label}</span>
      </button>
    </Tooltip>
  );
}

function LanguageSwitch() {
  const { language, setLanguage } = useTexts();
  return (
    <button
      type="button"
      className="tool wide-only"
      lang={language === 'en' ? 'zh-CN' : 'en'}
      onClick={() => setLanguage(language === 'en' ? 'zh' : 'en')}
    >
      {language === 'en' ? '中文' : 'EN'}
    </button>
  );
}

function SchemeSwitch() {
  const { t } = useTexts();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const next = colorScheme === 'dark' ? 'light' : colorScheme === 'light' ? 'auto' : 'dark';
  const label = { dark: t('web.scheme.dark'), light: t('web.scheme.light'), auto: t('web.scheme.auto') };
  return (
    <Tooltip label={t('web.scheme.is', { scheme: label[colorScheme] })}>
      <button
        type="button"
        className="tool wide-only"
        aria-label={t('web.scheme.change', { now: label[colorScheme], next: label[next] })}
        onClick={() => setColorScheme(next)}
      >
        <Icon name={colorScheme === 'dark' ? 'moon' : colorScheme === 'light' ? 'sun' : 'auto'} />
      </button>
    </Tooltip>
  );
}

function LanguageControl() {
  const { t, language, setLanguage } = useTexts();
  return (
    <SegmentedControl
      aria-label={t('web.language')}
      fullWidth
      value={language}
      onChange={(value) => setLanguage(value as 'en' | 'zh')}
      data={[
        { value: 'en', label: 'English' },
        { value: 'zh', label: '中文' },
      ]}
    />
  );
}

function SchemeControl() {
  const { t } = useTexts();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      aria-label={t('web.scheme')}
      fullWidth
      value={colorScheme}
      onChange={(value) => setColorScheme(value as 'dark' | 'light' | 'auto')}
      data={[
        { value: 'dark', label: t('web.scheme.dark') },
        { value: 'light', label: t('web.scheme.light') },
        { value: 'auto', label: t('web.scheme.auto') },
      ]}
    />
  );
}

function DemoBadge() {
  const { t } = useTexts();
  const me = useMe();
  if (!me.demo) return null;
  return (
    <Popover position="bottom-end" width={320}>
      <Popover.Target>
        <button type="button" className="demo-badge">
          DEMO
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <p className="prose">{t('web.demo.means')}</p>
      </Popover.Dropdown>
    </Popover>
  );
}

export function useSignOut(): () => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCallback(() => {
    void ask('DELETE', '/sessions/current')
      .catch(() => undefined)
      .then(async () => {
        await navigate({ to: '/sign-in' });
        client.clear();
      });
  }, [client, navigate]);
}

function AccountMenu({ signOut, openHelp }: { signOut: () => void; openHelp: () => void }) {
  const { t, l, person: personName } = useTexts();
  const me = useMe();
  const name = personName(me.name);
  const navigate = useNavigate();
  const { data: people } = useQuery({ ...demoPeopleQuery, enabled: me.demo });
  const { signInByLink } = useSignIn();
  return (
    <Menu position="bottom-end" width={300}>
      <Menu.Target>
        <button type="button" className="account">
          <span className="visually-hidden">{t('web.account.menu')} </span>
          <span className="account-initials" aria-hidden="true">
            {initials(name)}
          </span>
          <span className="account-words wide-only">
            <span className="account-name">{name}</span>
            <span className="account-role">{t(roleKeys[me.role])}</span>
          </span>
          <Icon name="down" size={12} />
        </button>
      </Menu.Target>
      <Menu.Dropdown className="account-dropdown">
        <Menu.Label>
          {name} · {l(me.organisation.name)} · {t(roleKeys[me.role])}
        </Menu.Label>
        <Menu.Item leftSection={<Icon name="person" />} onClick={() => void navigate({ to: '/account', search: keepView })}>
          {t('web.page.account')}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="keyboard" />} rightSection={<kbd>?</kbd>} onClick={openHelp}>
          {t('web.keys.title')}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="out" />} onClick={signOut}>
          {t('web.signOut')}
        </Menu.Item>
        {people === undefined || people.length === 0 ? null : (
          <>
            <Menu.Divider />
            <Menu.Label>{t('web.demo.switch')}</Menu.Label>
            {people.map((person) => (
              <Menu.Item
                key={person.account}
                disabled={person.account === me.account}
                onClick={() => void signInByLink(person.link)}
                leftSection={<Icon name={person.account === me.account ? 'check' : 'person'} />}
              >
                <span className="demo-person">
                  <span>{personName(person.name)}</span>
                  <span className="dim">
                    {l(person.organisationName)} · {t(roleKeys[person.role])}
                  </span>
                </span>
              </Menu.Item>
            ))}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Two letters of a Latin name, the last character of a Chinese given name. */
function initials(name: string): string {
  if (/\p{Script=Han}/u.test(name)) return [...name].slice(-1).join('');
  const words = name.split(/\s+/).filter((word) => word !== '');
  return `${words[0]?.[0] ?? ''}${words.length > 1 ? (words.at(-1)?.[0] ?? '') : ''}`.toUpperCase();
}
