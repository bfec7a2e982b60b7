/**
 * Discourse's log of what its staff did, as its administrators export it (`staff-action-….csv`). What it was done to, and the words beside it, may name
 * people, posts and addresses, and are left out: what was done, by whom and when remains.
 */

import { CsvReader } from '../csv/csv.ts';
import type { LogFormat } from '../format.ts';
import { instantOfText } from '../instants.ts';
import { emitPlatformEvent, type PlatformAction } from '../platform.ts';

const platform = 'discourse';
const head = /^\u{feff}?"?staff_user"?,"?action"?,"?subject"?,"?created_at"?,"?details"?,"?context"?\r?(?:\n|$)/u;

/** Names of UserHistory.actions that say something of accounts; the rest is administration. */
const actions: { readonly [action: string]: PlatformAction } = {
  delete_user: 'account-deleted',
  anonymize_user: 'account-deleted',
  merge_user: 'account-deleted',
  suspend_user: 'account-locked',
  unsuspend_user: 'account-unlocked',
  silence_user: 'account-locked',
  unsilence_user: 'account-unlocked',
  lock_trust_level: 'account-change',
  activate_user: 'account-unlocked',
  deactivate_user: 'account-locked',
  approve_user: 'account-unlocked',
  create_user: 'registration',
  change_username: 'account-change',
  change_name: 'account-change',
  add_email: 'email-change',
  update_email: 'email-change',
  destroy_email: 'email-change',
  disabled_second_factor: 'second-factor-removed',
  grant_admin: 'permission-change',
  revoke_admin: 'permission-change',
  grant_moderation: 'permission-change',
  revoke_moderation: 'permission-change',
  change_trust_level: 'permission-change',
  impersonate: 'impersonation',
  change_site_setting: 'configuration-change',
  change_readonly_mode: 'configuration-change',
  web_hook_create: 'configuration-change',
  web_hook_update: 'configuration-change',
  web_hook_destroy: 'configuration-change',
  api_key_create: 'application-access',
  api_key_update: 'application-access',
  api_key_destroy: 'application-access',
};

export const discourse: LogFormat = {
  name: 'discourse',
  logs: ['platform_event'],
  file: {
    recognise: (start) => start.length > 40 && head.test(new TextDecoder().decode(start.subarray(0, 256))),
    open: (emit) =>
      new CsvReader(emit, ',', undefined, ({ staff_user: by, action, created_at: time }) => {
        if (typeof action !== 'string') {
          emit.refused('malformed');
          return;
        }
        emitPlatformEvent(emit, {
          ts: typeof time === 'string' ? instantOfText(time) : undefined,
          platform,
          action: Object.hasOwn(actions, action) ? actions[action]! : 'administration',
          outcome: 'success',
          code: action,
          userName: typeof by === 'string' ? by : undefined,
        });
      }),
  },
};
