/** Names of the codes of BACnet (ASHRAE 135 clauses 12, 18 to 21, annex J), as icsnpp-bacnet writes them. */

const hex2 = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;

const functions: readonly string[] = [
  'BVLC_Result',
  'Write_Broadcast_Table',
  'Read_Broadcast_Table',
  'Read_Broadcast_Table_ACK',
  'Forwarded_NPDU',
  'Register_Foreign_Device',
  'Read_Foreign_Device_Table',
  'Read_Foreign_Device_Table_ACK',
  'Delete_Foreign_Device_Table_Entry',
  'Distribute_Broadcast_to_Network',
  'Original_Unicast_NPDU',
  'Original_Broadcast_NPDU',
  'Secure_BVLL',
];
export const functionName = (code: number): string => functions[code] ?? `Unknown BVLC Function Code-${hex2(code)}`;
export const isFunction = (code: number): boolean => code < functions.length;

const linkResults: { readonly [code: number]: string } = {
  0x00: 'Successful_completion',
  0x10: 'Write-Broadcast-Distribution-Table_NAK',
  0x20: 'Read-Broadcast-Distribution-Table_NAK',
  0x30: 'Register-Foreign-Device_NAK',
  0x40: 'Read-Foreign-Device-Table_NAK',
  0x50: 'Delete-Foreign-Device-Table-Entry_NAK',
  0x60: 'Distribute-Broadcast-To-Network_NAK',
};
export const linkResultName = (code: number): string => linkResults[code] ?? `Unknown BVLC Result Code-${hex2(code)}`;

const types: readonly string[] = [
  'CONFIRMED_REQUEST',
  'UNCONFIRMED_REQUEST',
  'SIMPLE_ACK',
  'COMPLEX_ACK',
  'SEGMENT_ACK',
  'ERROR_PDU',
  'REJECT_PDU',
  'ABORT_PDU',
];
export const typeName = (code: number): string => types[code] ?? `Unknown APDU Type-${hex2(code)}`;

const confirmed: readonly string[] = [
  'acknowledge_alarm',
  'confirmed_cov_notification',
  'confirmed_event_notification',
  'get_alarm_summary',
  'get_enrollment_summary',
  'subscribe_cov',
  'atomic_read_file',
  'atomic_write_file',
  'add_list_element',
  'remove_list_element',
  'create_object',
  'delete_object',
  'read_property',
  'read_property_conditional',
  'read_property_multiple',
  'write_property',
  'write_property_multiple',
  'device_communication_control',
  'confirmed_private_transfer',
  'confirmed_text_message',
  'reinitialize_device',
  'vt_open',
  'vt_close',
  'vt_data',
  'authenticate',
  'request_key',
  'read_range',
  'life_safety_operation',
  'subscribe_cov_property',
  'get_event_information',
  'subscribe_cov_property_multiple',
  'confirmed_cov_notification_multiple',
];
export const confirmedName = (code: number): string => confirmed[code] ?? `Unknown Service Choice-${hex2(code)}`;

const unconfirmed: readonly string[] = [
  'i_am',
  'i_have',
  'unconfirmed_cov_notification',
  'unconfirmed_event_notification',
  'unconfirmed_private_transfer',
  'unconfirmed_text_message',
  'time_synchronization',
  'who_has',
  'who_is',
  'utc_time_synchronization',
  'write_group',
  'unconfirmed_cov_notification_multiple',
  'unconfirmed_audit_notification',
  'who_am_i',
  'you_are',
];
export const unconfirmedName = (code: number): string => unconfirmed[code] ?? `Unknown Service Choice-${hex2(code)}`;

const networkMessages: { readonly [code: number]: string } = {
  0x00: 'who_is_router_to_network',
  0x01: 'i_am_router_to_network',
  0x02: 'i_could_be_router_to_network',
  0x03: 'reject_message_to_network',
  0x04: 'router_busy_to_network',
  0x05: 'router_available_to_network',
  0x06: 'initialize_routing_table',
  0x07: 'initialize_routing_table_ack',
  0x08: 'establish_connection_to_network',
  0x09: 'disconnect_connection_to_network',
  0x12: 'what_is_network_number',
  0x13: 'network_number_is',
};
export const networkMessageName = (code: number): string => networkMessages[code] ?? `Unknown Network Message-${hex2(code)}`;

const rejects: readonly string[] = [
  'other',
  'buffer-overflow',
  'inconsistent-parameters',
  'invalid-parameter-data-type',
  'invalid-tag',
  'missing-required-parameter',
  'parameter-out-of-range',
  'too-many-arguments',
  'undefined-enumeration',
  'unrecognized-service',
];
export const rejectName = (code: number): string => rejects[code] ?? `Unknown Reject Reason-${hex2(code)}`;

const aborts: readonly string[] = [
  'other',
  'buffer-overflow',
  'invalid-apdu-in-this-state',
  'preempted-by-higher-priority-task',
  'segmentation-not-supported',
  'security-error',
  'insufficient-security',
  'window-size-out-of-range',
  'application-exceeded-reply-time',
  'out-of-resources',
  'tsm-timeout',
  'apdu-too-long',
];
export const abortName = (code: number): string => aborts[code] ?? `Unknown Abort Reason-${hex2(code)}`;

const errors: readonly string[] = (
  'other authentication-failed configuration-in-progress device-busy dynamic-creation-not-supported file-access-denied ' +
  'incompatible-security-levels inconsistent-parameters inconsistent-selection-criterion invalid-data-type invalid-file-access-method ' +
  'invalid-file-start-position invalid-operator-name invalid-parameter-data-type invalid-time-stamp key-generation-error ' +
  'missing-required-parameter no-objects-of-specified-type no-space-for-object no-space-to-add-list-element no-space-to-write-property ' +
  'no-vt-sessions-available property-is-not-a-list object-deletion-not-permitted object-identifier-already-exists operational-problem ' +
  'password-failure read-access-denied security-not-supported service-request-denied timeout unknown-object unknown-property - ' +
  'unknown-vt-class unknown-vt-session unsupported-object-type value-out-of-range vt-session-already-closed ' +
  'vt-session-termination-failure write-access-denied character-set-not-supported invalid-array-index cov-subscription-failed ' +
  'not-cov-property optional-functionality-not-supported invalid-configuration-data datatype-not-supported duplicate-name ' +
  'duplicate-object-id property-is-not-an-array'
).split(' ');
export const errorName = (code: number): string =>
  code === 85 ? 'access-denied' : code === 33 ? 'removed enumeration' : (errors[code] ?? `Unknown Error Code-${hex2(code)}`);

const objects: readonly string[] = (
  'analog-input analog-output analog-value binary-input binary-output binary-value calendar command device event-enrollment file group ' +
  'loop multi-state-input multi-state-output notification-class program schedule averaging multi-state-value trend-log ' +
  'life-safety-point life-safety-zone accumulator pulse-converter event-log global-group trend-log-multiple load-control ' +
  'structured-view access-door timer access-credential access-point access-rights access-user access-zone credential-data-input ' +
  'network-security bitstring-value characterstring-value date-pattern-value date-value datetime-pattern-value datetime-value ' +
  'integer-value large-analog-value octetstring-value positive-integer-value time-pattern-value time-value notification-forwarder ' +
  'alert-enrollment channel lighting-output binary-lighting-output network-port elevator-group escalator lift'
).split(' ');
export const objectName = (code: number): string => objects[code] ?? `Unknown Object Type-${hex2(code)}`;

/** Clause 21, BACnetPropertyIdentifier; the numbers that are left out stand as dashes. */
const properties: readonly string[] = (
  'acked-transition ack-required action action-text active-text active-vt-session alarm-value alarm-values all all-write-successful ' +
  'apdu-segment-timeout apdu-timeout application-software-version archive bias change-of-state-count change-of-state-time ' +
  'notification-class - controlled-variable-reference controlled-variable-units controlled-variable-value cov-increment datelist ' +
  'daylights-savings-status deadband derivative-constant derivative-constant-units description description-of-halt ' +
  'device-address-binding device-type effective-period elapsed-active-time error-limit event-enable event-state event-type ' +
  'exception-schedule fault-values feedback-value file-access-method file-size file-type firmware-revision high-limit inactive-text ' +
  'in-progress instance-of integral-constant integral-constant-units issue-confirmed-notifications limit-enable list-of-group-members ' +
  'list-of-object-property-references list-of-session-keys local-date local-time location low-limit manipulated-variable-reference ' +
  'maximum-output max-apdu-length-accepted max-info-frames max-master max-pres-value minimum-off-time minimum-on-time minimum-output ' +
  'min-pres-value model-name modification-date notify-type number-of-APDU-retries number-of-states object-identifier object-list ' +
  'object-name object-property-reference object-type optional out-of-service output-units event-parameters polarity present-value ' +
  'priority priority-array priority-for-writing process-identifier program-change program-location program-state ' +
  'proportional-constant proportional-constant-units protocol-conformance-class protocol-object-types-supported ' +
  'protocol-services-supported protocol-version read-only reason-for-halt recipient recipient-list reliability relinquish-default ' +
  'required resolution segmentation-supported setpoint setpoint-reference state-text status-flags system-status time-delay ' +
  'time-of-active-time-reset time-of-state-count-reset time-synchronization-recipients units update-interval utc-offset ' +
  'vendor-identifier vendor-name vt-class-supported weekly-schedule attempted-samples average-value buffer-size client-cov-increment ' +
  'cov-resubscription-interval current-notify-time event-time-stamp log-buffer log-device-object-property enable log-interval ' +
  'maximum-value minimum-value notification-threshold previous-notify-time protocol-revision records-since-notification record-count ' +
  'start-time stop-time stop-when-full total-record-count valid-samples window-interval window-samples maximum-value-time-stamp ' +
  'minimum-value-time-stamp variance-value active-cov-subscriptions backup-failure-timeout configuration-files database-revision ' +
  'direct-reading last-restore-time maintenance-required member-of mode operation-expected setting silenced tracking-value ' +
  'zone-members life-safety-alarm-values max-segments-accepted profile-name auto-slave-discovery manual-slave-address-binding ' +
  'slave-address-binding slave-proxy-enable last-notify-record schedule-default accepted-modes adjust-value count ' +
  'count-before-change count-change-time cov-period input-reference limit-monitoring-interval logging-device logging-record prescale ' +
  'pulse-rate scale scale-factor update-time value-before-change value-set value-change-time align-intervals group-member-names ' +
  'interval-offset last-restart-reason logging-type member-status-flags notification-period previous-notify-record ' +
  'requested-update-interval restart-notification-recipients time-of-device-restart time-synchronization-interval trigger ' +
  'UTC-time-synchronization-recipients node-subtype node-type structured-object-list subordinate-annotations subordinate-list ' +
  'actual-shed-level duty-window expected-shed-level full-duty-baseline'
).split(' ');
export const propertyName = (code: number): string => {
  const name = properties[code];
  return name === undefined || name === '-' ? `Vendor Specific (${code})` : name;
};

/** Properties that say what a device or an object is: their values are written when they are read. */
const identities = new Set([12, 44, 62, 70, 75, 77, 79, 98, 107, 112, 120, 121, 139]);
export const isIdentity = (property: number): boolean => identities.has(property);

/** The makers that are met most; the whole list is ASHRAE's. */
const vendors: { readonly [id: number]: string } = {
  0: 'ASHRAE',
  1: 'NIST',
  2: 'The Trane Company',
  5: 'Johnson Controls Inc.',
  7: 'Siemens Schweiz AG (Formerly: Landis & Staefa Division Europe)',
  8: 'Delta Controls',
  9: 'Siemens Schweiz AG',
  10: 'Schneider Electric',
  11: 'TAC',
  14: 'Cimetrics Technology',
  16: 'United Technologies Carrier',
  17: 'Honeywell Inc.',
  18: 'Alerton / Honeywell',
  19: 'TAC AB',
  22: 'Siemens Schweiz AG (Formerly: Cerberus AG)',
  23: 'York Controls Group',
  24: 'Automated Logic Corporation',
  28: 'KMC Controls Inc.',
  35: 'Reliable Controls Corporation',
  36: 'Tridium Inc.',
  39: 'Kieback & Peter GmbH & Co KG',
  42: 'Acuity Brands Lighting Inc.',
  50: 'MBS GmbH',
  53: 'DAIKIN Industries Ltd.',
  56: 'Liebert Corporation',
};
export const vendorName = (id: number): string => vendors[id] ?? `unknown-${id}`;

export const communicationState = (code: number): string =>
  ['enable', 'disable', 'disable-initiation'][code] ?? `unknown-${code}`;
export const reinitializeState = (code: number): string =>
  ['coldstart', 'warmstart', 'startbackup', 'endbackup', 'startrestore', 'endrestore', 'abortrestore', 'activate-changes'][
    code
  ] ?? `unknown-${code}`;
