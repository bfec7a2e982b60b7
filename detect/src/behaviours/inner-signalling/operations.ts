/**
 * What elements of one mobile network ask of one another and nobody else has a reason to ask: "category 1" of the industry's recommendations, which
 * ENISA's "Signalling Security in Telecom SS7/Diameter/5G" (2018) describes, filled here from the interfaces of 3GPP themselves – the specifications say
 * which element speaks with which.
 */

/** Operations of MAP (3GPP TS 29.002), with who may ask whom. */
export const innerOperations: ReadonlyMap<string, string> = new Map([
  // TS 29.002 §10.1, TS 23.018: the gateway switch of the called network asks its own register.
  ['sendRoutingInfo', 'GMSC, HLR'],
  // TS 29.002 §8.9: the visited register within the home network, for supplementary services.
  ['sendIMSI', 'VLR, HLR'],
  // TS 23.078 §11.3: the service control function of the home network asks the home register.
  ['anyTimeInterrogation', 'gsmSCF, HLR'],
  ['anyTimeSubscriptionInterrogation', 'gsmSCF, HLR'],
  ['anyTimeModification', 'gsmSCF, HLR'],
  // TS 23.060 §6.9: the gateway node of the home network asks the home register.
  ['sendRoutingInfoForGprs', 'GGSN, HLR'],
  // TS 23.271 §9: the location centre of the home network asks the home register, that of the visited network its own switch.
  ['sendRoutingInfoForLCS', 'GMLC, HLR'],
  ['provideSubscriberLocation', 'GMLC, MSC'],
  // TS 23.012 §4: a visited register asks its neighbour for keys and identity.
  ['sendIdentification', 'VLR, VLR'],
  // TS 29.002 §8.7: a switch asks the equipment register of its own network.
  ['checkIMEI', 'MSC, EIR'],
]);

/** Applications of Diameter between elements of one network (3GPP TS 29.230); roaming has S6a, S9, S6c and SGd (GSMA IR.88, public). */
export const innerApplications: ReadonlyMap<number, string> = new Map([
  [16_777_216, 'Cx'],
  [16_777_217, 'Sh'],
  [16_777_219, 'Wx'],
  [16_777_221, 'Zh'],
  [16_777_224, 'Gx'],
  [16_777_236, 'Rx'],
  [16_777_238, 'Gx'],
  [16_777_252, 'S13'],
  [16_777_265, 'SWx'],
  [16_777_266, 'Gxx'],
  [16_777_272, 'S6b'],
  [16_777_291, 'SLh'],
]);

/** `epc.mnc001.mcc460.3gppnetwork.org` → `460` and `001` (TS 23.003 §19.2); `undefined` for names of another make. */
export function networkOf(name: unknown): { country: string; network: string } | undefined {
  if (typeof name !== 'string' || name.length > 255) return undefined;
  const [, network, country] = /(?:^|\.)mnc(\d{2,3})\.mcc(\d{3})\.3gppnetwork\.org\.?$/i.exec(name) ?? [];
  // Networks of two digits are written with a zero before them (TS 23.003 §19.2).
  return country === undefined ? undefined : { country, network: network!.padStart(3, '0') };
}
