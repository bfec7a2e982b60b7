/** Alarms of equipment and lines, in the words of ITU-T X.733, however they came. */

import { content, openRecord, technical } from './open.ts';

export const alarm = openRecord({
  log: 'alarm',
  means:
    'An alarm of transport, radio or other equipment begins, changes or ends, as an SNMP notification or a syslog message tells.',
  source: 'ITU-T X.733 and X.736; RFC 3877 (SNMP), RFC 5674 (syslog), RFC 3418 (standard traps)',
  columns: {
    uid: technical('Name of the flow in which it was seen; absent where a collector was told.'),
    'id.orig_h': technical('Address of the originator of that flow.', 'addr'),
    'id.orig_p': technical('Port of the originator.', 'port'),
    'id.resp_h': technical('Address of the responder.', 'addr'),
    'id.resp_p': technical('Port of the responder.', 'port'),
    source: technical('How it was told: snmp or syslog.', 'enum'),
    hostname: technical('The element that tells it, as it names itself.'),
    agent: technical('Address of the element that a trap of version 1 names.', 'addr'),
    managed_object: technical('What is affected: a line, a card, a port; in SNMP the identifier of its object.'),
    event_type: technical('Kind of alarm: communicationsAlarm, equipmentAlarm, environmentalAlarm.', 'enum'),
    probable_cause: technical('Probable cause: lossOfSignal, powerProblem, lossOfSynchronisation.'),
    perceived_severity: technical('How grave it is: cleared, indeterminate, critical, major, minor or warning.', 'enum'),
    cleared: technical('Whether it is the end of an alarm; absent where nothing says so.', 'bool'),
    specific_problems: technical('What the cause is more exactly.', 'vector[string]'),
    trend_indication: technical('Whether it got worse: moreSevere, noChange or lessSevere.', 'enum'),
    resource_uri: technical('Where the object can be managed.'),
    alarm_model: technical('List and number of the model of the alarm, which its element describes.'),
    notification: technical('Name of a standard notification: linkDown, coldStart, alarmActiveState.'),
    notification_oid: technical('Identifier of the notification.'),
    variables: technical(
      'Identifiers of the values in the notification; the values of others than those above are not written.',
      'vector[string]',
    ),
    facility: technical('Of syslog: part of the system that speaks.', 'enum'),
    severity: technical('Of syslog: how grave the message is, EMERG to DEBUG.', 'enum'),
    'app-name': technical('The program that speaks.'),
    procid: technical('Its process.'),
    msgid: technical('Type of the message.'),
    msg: content('The message.'),
  },
});
