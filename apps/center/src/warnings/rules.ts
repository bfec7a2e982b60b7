/** What the content says of warnings: which colour, and who is reminded when. */

import { readChasingRules, type ChasingRules } from '@forewarn/assess/warnings/chasing';
import { readColourRules, type ColourRules } from '@forewarn/assess/warnings/colour';
import type { ContentFile } from '@forewarn/model/content';
import { exposureRulesOf } from '../exposure/desk.ts';

export type WarningRules = { readonly colours: ColourRules; readonly chasing: ChasingRules };

const [coloursPath, chasingPath] = ['warnings/colours.yaml', 'warnings/chasing.yaml'];

/** The rules of the content folder; throws its refusals. Colours speak of outcomes of the table that decides on exposures. */
export function warningRulesOf(files: readonly ContentFile[]): WarningRules {
  const text = (path: string): string => files.find((file) => file.path === path)?.text ?? '';
  const { outcomes } = exposureRulesOf(files).rules.table;
  return {
    colours: readColourRules(text(coloursPath), coloursPath, outcomes),
    chasing: readChasingRules(text(chasingPath), chasingPath),
  };
}
