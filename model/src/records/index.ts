/** The one list of record types. */

import type { RecordType } from './record.ts';
import { amqp, amqp_connect } from './amqp.ts';
import { alarm } from './alarm.ts';
import { arp } from './arp.ts';
import {
  azure_activity,
  azure_audit,
  azure_signin,
  cloudtrail,
  gcp_audit,
  github_audit,
  kubernetes_audit,
  okta,
} from './cloud-logs.ts';
import { cef, keyvalue, leef, suricata } from './device-logs.ts';
import { auditd, container_event, journald, syslog_message, web_access } from './host-logs.ts';
import { windows } from './windows-events.ts';
import { cap_alert, media_manifest, mpeg_ts, mpeg_ts_fault, rtsp } from './broadcast.ts';
import { coap, lwm2m } from './coap.ts';
import { dnp3, dnp3_control, dnp3_objects } from './control.ts';
import { bgp_rib, bgp_session, bgp_update } from './bgp.ts';
import { bacnet, bacnet_device_control, bacnet_discovery, bacnet_property } from './bacnet.ts';
import {
  opcua_binary,
  opcua_binary_activate_session,
  opcua_binary_call,
  opcua_binary_create_session,
  opcua_binary_opensecure_channel,
  opcua_binary_read,
  opcua_binary_write,
} from './opcua.ts';
import { mms } from './mms.ts';
import { grpc } from './grpc.ts';
import { hart_ip_general } from './hart.ts';
import { synchrophasor, synchrophasor_cfg, synchrophasor_cmd, synchrophasor_data } from './synchrophasor.ts';
import { dhcp } from './dhcp.ts';
import { api_surface, known_certs, known_devices, known_hosts, known_modbus, known_services, software } from './discovery.ts';
import { cip, cip_identity, cip_io, enip } from './enip.ts';
import { iec104, iec104_control } from './iec104.ts';
import {
  ecat_aoe_info,
  ecat_coe_info,
  ecat_dev_info,
  ecat_foe_info,
  ecat_log_address,
  ecat_registers,
  ecat_soe_info,
} from './ethercat.ts';
import { files } from './files.ts';
import { goose, lldp, profinet_dcp, sampled_values } from './frames.ts';
import { ftp } from './ftp.ts';
import { ipfix, ipfix_options } from './ipfix.ts';
import { ipsec } from './ipsec.ts';
import { smtp } from './mail.ts';
import { conn, dns, http, modbus, ssl, weird, x509 } from './network.ts';
import { mqtt_connect, mqtt_disconnect, mqtt_publish, mqtt_subscribe } from './mqtt.ts';
import { ntp } from './ntp.ts';
import { quic } from './quic.ts';
import { radius } from './radius.ts';
import { cotp, s7comm, s7comm_plus, s7comm_read_szl, s7comm_upload_download } from './s7.ts';
import { sflow, sflow_counters } from './sflow.ts';
import { ecs, otel_log } from './shipped.ts';
import { snmp } from './snmp.ts';
import { federation, platform_event } from './social.ts';
import { ssdp } from './ssdp.ts';
import { ssh } from './ssh.ts';
import { tftp } from './tftp.ts';
import { dce_rpc, kerberos, ldap, ldap_search, ntlm, smb_files, smb_mapping } from './windows.ts';
import { stats } from './stats.ts';
import { mysql, postgresql, redis } from './databases.ts';
import { socks } from './socks.ts';
import { tunnel } from './tunnels.ts';
import { l2tp, pptp } from './l2tp.ts';
import { openvpn } from './openvpn.ts';
import { wireguard } from './wireguard.ts';
import { websocket } from './websocket.ts';
import { rdp, rfb } from './remote-access.ts';
import { syslog } from './syslog.ts';
import { diameter, gtp, m3ua, pfcp, rtcp, rtp, sccp, sctp, sip, smpp } from './telecom.ts';

export const recordTypes: readonly RecordType[] = [
  conn,
  dns,
  http,
  ssl,
  x509,
  quic,
  modbus,
  dnp3,
  dnp3_control,
  dnp3_objects,
  cotp,
  s7comm,
  s7comm_read_szl,
  s7comm_upload_download,
  s7comm_plus,
  mms,
  enip,
  cip,
  cip_io,
  cip_identity,
  iec104,
  iec104_control,
  bacnet,
  bacnet_discovery,
  bacnet_property,
  bacnet_device_control,
  opcua_binary,
  opcua_binary_opensecure_channel,
  opcua_binary_create_session,
  opcua_binary_activate_session,
  opcua_binary_read,
  opcua_binary_write,
  opcua_binary_call,
  hart_ip_general,
  synchrophasor,
  synchrophasor_data,
  synchrophasor_cmd,
  synchrophasor_cfg,
  tunnel,
  files,
  smtp,
  ftp,
  smb_files,
  smb_mapping,
  dce_rpc,
  ntlm,
  kerberos,
  ldap,
  ldap_search,
  arp,
  dhcp,
  ntp,
  radius,
  snmp,
  ssh,
  tftp,
  weird,
  stats,
  mysql,
  postgresql,
  redis,
  socks,
  websocket,
  rdp,
  rfb,
  syslog,
  ipfix,
  ipfix_options,
  sflow,
  sflow_counters,
  ecs,
  otel_log,
  sip,
  rtp,
  rtcp,
  diameter,
  gtp,
  pfcp,
  sctp,
  m3ua,
  sccp,
  smpp,
  bgp_session,
  bgp_update,
  bgp_rib,
  ipsec,
  wireguard,
  openvpn,
  l2tp,
  pptp,
  mpeg_ts,
  mpeg_ts_fault,
  rtsp,
  media_manifest,
  cap_alert,
  mqtt_connect,
  mqtt_publish,
  mqtt_subscribe,
  mqtt_disconnect,
  coap,
  lwm2m,
  amqp_connect,
  amqp,
  ssdp,
  goose,
  sampled_values,
  profinet_dcp,
  lldp,
  ecat_registers,
  ecat_log_address,
  ecat_dev_info,
  ecat_coe_info,
  ecat_foe_info,
  ecat_soe_info,
  ecat_aoe_info,
  known_hosts,
  known_services,
  known_certs,
  software,
  known_devices,
  known_modbus,
  api_surface,
  windows,
  syslog_message,
  alarm,
  auditd,
  journald,
  web_access,
  container_event,
  suricata,
  cef,
  leef,
  keyvalue,
  cloudtrail,
  gcp_audit,
  azure_activity,
  azure_signin,
  azure_audit,
  okta,
  github_audit,
  kubernetes_audit,
  platform_event,
  federation,
  grpc,
];

const byLog = new Map(recordTypes.map((type) => [type.log, type]));

/** The declaration of a log, or `undefined` when there is none of that name. */
export function recordType(log: string): RecordType | undefined {
  return byLog.get(log);
}
