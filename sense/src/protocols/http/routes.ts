/**
 * Routes of Matrix: a path with whatever names an account, a room, an event or a server left out. Only words of the specification stay, so that nothing
 * gets through that nobody thought of; of requests about a room or an account's own data nothing stays but that they were.
 */

const words = new Set(
  `_matrix _synapse client federation key media identity app admin v1 v2 v3 v4 v5 r0 unstable versions login logout all get_token refresh sso redirect
  register available account password deactivate whoami 3pid add bind delete unbind email msisdn requestToken validate validity auth fallback web
  sync events joined_rooms createRoom join knock rooms directory room list publicRooms search user_directory profile presence user devices
  delete_devices keys upload query claim changes device_signing signatures room_keys version pushers pushrules sendToDevice capabilities voip turnServer
  notifications thirdparty openid download thumbnail config preview_url create send event state state_ids backfill get_missing_events event_auth
  make_join send_join make_leave send_leave make_knock send_knock invite exchange_third_party_invite hierarchy timestamp_to_event userinfo server
  health well-known matrix support registration_tokens users reset_password onbind`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Below them it is said what somebody does, with whom and where. */
const closed = new Set(['rooms', 'user', 'profile', 'presence', 'sendToDevice', 'createRoom', 'join', 'knock', 'directory', 'pushers', 'pushrules', 'room_keys']); // oxfmt-ignore

/** Segments of a route; longer paths are data. */
const segmentsMax = 12;

/** `/_matrix/client/v3/rooms/!a:b/send/m.room.message/7?x` → `/_matrix/client/v3/rooms/{}`. */
export function matrixRoute(target: string): string | undefined {
  const path = target.slice(0, 2_048).split('?', 1)[0]!;
  if (!/^\/(?:_matrix|_synapse|health|\.well-known\/matrix)(?:\/|$)/.test(path)) return undefined;
  const kept: string[] = [];
  let isOfClients = false;
  for (const segment of path.slice(1).split('/').slice(0, segmentsMax)) {
    const word = segment.replace(/^\./, '');
    kept.push(words.has(word) ? segment : '{}');
    if (word === 'client') isOfClients = true;
    if (isOfClients && closed.has(word)) {
      kept.push('{}');
      break;
    }
  }
  return `/${kept.join('/')}`;
}
