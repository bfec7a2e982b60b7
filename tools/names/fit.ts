/** Fits a model of made-up names: logistic regression by stochastic descent with AdaGrad (Duchi, Hazan, Singer 2011), without chance of its own. */

import { features, modelSize, type NameModel } from '@forewarn/detect/behaviours/generated-names/names';
import type { Random } from '@forewarn/prepare/random';

const rounds = 12;
const rate = 0.15;
const shrink = 1e-5;

/** Labels that people chose and labels that programs made up; the same order and seed give the same model. */
export function fitNames(benign: readonly string[], generated: readonly string[], random: Random): NameModel {
  const weights = new Float64Array(modelSize);
  const squares = new Float64Array(modelSize).fill(1e-6);
  let bias = 0;
  const all = [
    ...benign.map((label) => ({ of: features(label), is: 0 })),
    ...generated.map((label) => ({ of: features(label), is: 1 })),
  ];
  for (let round = 0; round < rounds; round++) {
    for (const { of, is } of random.shuffle(all)) {
      const scale = 1 / Math.sqrt(of.length);
      let sum = bias;
      for (const feature of of) sum += weights[feature]! * scale;
      const error = 1 / (1 + Math.exp(-sum)) - is;
      bias -= 0.02 * error;
      for (const feature of of) {
        const gradient = error * scale + shrink * weights[feature]!;
        squares[feature]! += gradient * gradient;
        weights[feature]! -= (rate * gradient) / Math.sqrt(squares[feature]!);
      }
    }
  }
  return {
    weights: Int16Array.from(weights, (weight) => Math.max(-32_767, Math.min(32_767, Math.round(weight * 1_000)))),
    bias: Math.round(bias * 1_000) / 1_000,
  };
}
