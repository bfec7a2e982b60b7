/** The one list of protocols, in the order in which they are asked. */

import { cotp } from './cotp/cotp.ts';
import { dce_rpc } from './dce_rpc/dce_rpc.ts';
import { dhcp } from './dhcp/dhcp.ts';
import { dhcpv6 } from './dhcpv6/dhcpv6.ts';
import { dns } from './dns/dns.ts';
import { dnp3 } from './dnp3/dnp3.ts';
import { dtls } from './dtls/dtls.ts';
import { cipIo, enip, enipOverUdp } from './enip/enip.ts';
import { iec104 } from './iec104/iec104.ts';
import { bacnet } from './bacnet/bacnet.ts';
import { opcua } from './opcua/opcua.ts';
import { hartIp, hartIpOverTcp } from './hart_ip/hart_ip.ts';
import { synchrophasor, synchrophasorOverUdp } from './synchrophasor/synchrophasor.ts';
import { imap } from './imap/imap.ts';
import { pop3 } from './pop3/pop3.ts';
import { ftpData } from './ftp/data.ts';
import { ftp } from './ftp/ftp.ts';
import { http } from './http/http.ts';
import { krb } from './krb/krb.ts';
import { ldap } from './ldap/ldap.ts';
import { modbus } from './modbus/modbus.ts';
import { mqtt } from './mqtt/mqtt.ts';
import { amqp } from './amqp/amqp.ts';
import { bgp } from './bgp/bgp.ts';
import { bmp } from './bmp/bmp.ts';
import { coap } from './coap/coap.ts';
import { ssdp } from './ssdp/ssdp.ts';
import { netbiosssn } from './netbiosssn/netbiosssn.ts';
import { netflow } from './netflow/netflow.ts';
import { ipfix } from './ipfix/ipfix.ts';
import { sflow } from './sflow/sflow.ts';
import { ntp } from './ntp/ntp.ts';
import type { Protocol } from './protocol.ts';
import { quic } from './quic/quic.ts';
import { radius } from './radius/radius.ts';
import { smtp } from './smtp/smtp.ts';
import { smb } from './smb/smb.ts';
import { snmp } from './snmp/snmp.ts';
import { diameter } from './diameter/diameter.ts';
import { m3ua } from './m3ua/m3ua.ts';
import { smpp } from './smpp/smpp.ts';
import { gtp } from './gtp/gtp.ts';
import { pfcp } from './pfcp/pfcp.ts';
import { rtp } from './rtp/rtp.ts';
import { mpegTs } from './mpeg_ts/mpeg_ts.ts';
import { rtsp } from './rtsp/rtsp.ts';
import { sip } from './sip/sip.ts';
import { ssh } from './ssh/ssh.ts';
import { tftp } from './tftp/tftp.ts';
import { ssl } from './ssl/ssl.ts';
import { mysql } from './mysql/mysql.ts';
import { postgresql } from './postgresql/postgresql.ts';
import { redis } from './redis/redis.ts';
import { socks } from './socks/socks.ts';
import { http2 } from './http2/http2.ts';
import { ipsec, ipsecOverTcp, ipsecTraversal } from './ipsec/ipsec.ts';
import { xmpp } from './xmpp/xmpp.ts';
import { l2tp } from './l2tp/l2tp.ts';
import { pptp } from './pptp/pptp.ts';
import { openvpn, openvpnOverTcp } from './openvpn/openvpn.ts';
import { wireguard } from './wireguard/wireguard.ts';
import { websocket } from './websocket/websocket.ts';
import { rdp } from './rdp/rdp.ts';
import { rfb } from './rfb/rfb.ts';
import { syslog, syslogOverTcp } from './syslog/syslog.ts';
import { telnet } from './telnet/telnet.ts';
import { irc } from './irc/irc.ts';
import { rdpeudp } from './rdpeudp/rdpeudp.ts';

export const protocols: readonly Protocol[] = [
  dns,
  sip,
  rtsp,
  http,
  ssl,
  quic,
  dtls,
  ssh,
  smtp,
  ftp,
  ftpData,
  pop3,
  imap,
  ntp,
  dhcp,
  dhcpv6,
  snmp,
  radius,
  tftp,
  modbus,
  dnp3,
  cotp,
  enip,
  enipOverUdp,
  cipIo,
  iec104,
  bacnet,
  opcua,
  hartIp,
  hartIpOverTcp,
  synchrophasor,
  synchrophasorOverUdp,
  mysql,
  postgresql,
  redis,
  krb,
  ldap,
  dce_rpc,
  smb,
  netbiosssn,
  socks,
  http2,
  websocket,
  rdp,
  xmpp,
  rfb,
  syslog,
  syslogOverTcp,
  netflow,
  ipfix,
  sflow,
  telnet,
  irc,
  rdpeudp,
  mqtt,
  coap,
  amqp,
  ssdp,
  bgp,
  bmp,
  diameter,
  m3ua,
  smpp,
  gtp,
  pfcp,
  l2tp,
  pptp,
  openvpn,
  openvpnOverTcp,
  wireguard,
  ipsec,
  ipsecTraversal,
  ipsecOverTcp,
  rtp,
  mpegTs,
];
