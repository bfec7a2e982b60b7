/** Where a thread that reads begins. What comes meanwhile waits for it. */

import { keepCompiled } from '../compiled.ts';

keepCompiled();
await import('./reader.ts');
