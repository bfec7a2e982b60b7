/** All routes of warnings, in the order of a warning's life. */

import { adjustWarning, approveWarning, issueWarning, issueWarningAlone, liftWarning, linkWarning } from './acts.ts';
import { acknowledgeWarning, doneMeasure } from './answers.ts';
import { remindWarning } from './chase.ts';
import { checkWarning } from './check.ts';
import { colourOfWarning, dropWarning, draftWarning, previewWarning, redraftWarning } from './drafting.ts';
import { audienceOfWarning, courseOfWarning, listOfWarnings, oneWarning } from './list.ts';

export const warningRoutes = [
  listOfWarnings,
  oneWarning,
  audienceOfWarning,
  courseOfWarning,
  colourOfWarning,
  draftWarning,
  redraftWarning,
  dropWarning,
  previewWarning,
  approveWarning,
  issueWarning,
  issueWarningAlone,
  adjustWarning,
  linkWarning,
  liftWarning,
  acknowledgeWarning,
  doneMeasure,
  checkWarning,
  remindWarning,
];
