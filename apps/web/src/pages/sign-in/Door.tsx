import type { ReactNode } from 'react';
import { useTexts } from '../../session/language.tsx';

/** The page before the frame: one column, the language at hand. */
export function Door({ children, wide = false }: { children: ReactNode; wide?: boolean }) {
  const { t, language, setLanguage } = useTexts();
  return (
    <div className="door">
      <header className="door-head">
        <span className="brand-name">Forewarn</span>
        <span className="dim">{t('web.signIn.what')}</span>
        <button
          type="button"
          className="tool"
          lang={language === 'en' ? 'zh-CN' : 'en'}
          onClick={() => setLanguage(language === 'en' ? 'zh' : 'en')}
        >
          {language === 'en' ? '中文' : 'English'}
        </button>
      </header>
      <main className={wide ? 'door-main door-wide' : 'door-main'}>{children}</main>
    </div>
  );
}
