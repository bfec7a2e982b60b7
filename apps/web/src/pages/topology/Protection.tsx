/** How well a thing is protected: one small bar for each function, never one number. */

import { protectionFunctions, type Protection as ProtectionTiers, type Targets as AimLevels } from '@forewarn/model/estate';
import { useTexts } from '../../session/language.tsx';
import { aimKeys, functionKeys, levelKeys, tierOfProtectionKeys } from '../estate/words.ts';

/** The tiers of the framework. */
const tiersMax = 4;
const barWidth = 8;
const barGap = 3;
const height = 20;

export function Protection({ of }: { of: ProtectionTiers | undefined }) {
  const { t } = useTexts();
  if (of === undefined || Object.keys(of).length === 0) return <span className="dim">–</span>;
  const told = protectionFunctions
    .map((name) => {
      const tier = of[name];
      return `${t(functionKeys[name])}: ${tier === undefined ? t('topology.protection.unstated') : t(tierOfProtectionKeys[tier as 1 | 2 | 3 | 4])}`;
    })
    .join(' · ');
  return (
    <svg
      className="protection"
      role="img"
      aria-label={told}
      width={protectionFunctions.length * (barWidth + barGap)}
      height={height}
    >
      <title>{told}</title>
      {protectionFunctions.map((name, i) => {
        const tier = of[name];
        const high = tier === undefined ? 0 : (tier / tiersMax) * height;
        const x = i * (barWidth + barGap);
        return (
          <g key={name}>
            <rect
              className="protection-place"
              x={x}
              y={0}
              width={barWidth}
              height={height}
              data-unstated={tier === undefined || undefined}
            />
            <rect className="protection-bar" x={x} y={height - high} width={barWidth} height={high} />
          </g>
        );
      })}
    </svg>
  );
}

/** What is to be kept of a thing, and how firmly. */
export function AimsText({ of }: { of: AimLevels | undefined }) {
  const { t } = useTexts();
  const told = Object.entries(of ?? {}) as [keyof AimLevels, keyof typeof levelKeys][];
  if (told.length === 0) return <span className="dim">–</span>;
  return told.map(([aim, level]) => (
    <div key={aim} className="nowrap">
      {t(aimKeys[aim])}: {t(levelKeys[level])}
    </div>
  ));
}
