/** Products and ranges of versions that a warning is for. */

import type { WarnedProduct } from '@forewarn/model/warning';
import { ActionIcon, Button, TextInput } from '@mantine/core';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';

/** `name` is a package URL, a CPE name, or what people call it. */
export type ProductForm = { name: string; vendor: string; from: string; before: string; upTo: string };
const empty: ProductForm = { name: '', vendor: '', from: '', before: '', upTo: '' };

/** The centre takes so many. */
const productsMax = 50;

export function productOf({ name, vendor, from, before, upTo }: ProductForm): WarnedProduct {
  const of = (key: string, value: string) => (value.trim() === '' ? {} : { [key]: value.trim() });
  const called = name.trim();
  const by = called.startsWith('pkg:') ? 'purl' : called.startsWith('cpe:') ? 'cpe' : 'product';
  return {
    [by]: called,
    ...of('vendor', vendor),
    ...of('from', from),
    ...of('before', before),
    ...of('upTo', upTo),
  };
}

export const formOf = ({ purl, cpe, product, vendor, from, before, upTo, exactly }: WarnedProduct): ProductForm => ({
  name: purl ?? cpe ?? product ?? '',
  vendor: vendor ?? '',
  // Exactly one version is the range from it up to it.
  from: from ?? exactly ?? '',
  before: before ?? '',
  upTo: upTo ?? exactly ?? '',
});

export function DraftProducts({ products, set }: { products: readonly ProductForm[]; set: (products: ProductForm[]) => void }) {
  const { t } = useTexts();
  const change = (at: number, part: Partial<ProductForm>) =>
    set(products.map((product, i) => (i === at ? { ...product, ...part } : product)));
  const field = (i: number, key: keyof ProductForm, label: string, placeholder?: string) => (
    <TextInput
      label={label}
      placeholder={placeholder ?? ''}
      maxLength={key === 'name' ? 1000 : 100}
      value={products[i]![key]}
      onChange={(event) => change(i, { [key]: event.currentTarget.value })}
    />
  );
  return (
    <fieldset className="measures">
      <legend>{t('warnings.products')}</legend>
      <p className="dim small">{t('warnings.products.means')}</p>
      {products.map((_, i) => (
        <div key={i} className="product-row" role="group" aria-label={t('warnings.product.number', { number: i + 1 })}>
          {field(i, 'name', t('warnings.product'), 'pkg:generic/bind')}
          {field(i, 'vendor', t('warnings.product.vendor'))}
          {field(i, 'from', t('warnings.product.from'))}
          {field(i, 'before', t('warnings.product.before'))}
          {field(i, 'upTo', t('warnings.product.upTo'))}
          <ActionIcon
            variant="default"
            size={30}
            aria-label={t('warnings.product.remove')}
            onClick={() => set(products.filter((__, at) => at !== i))}
          >
            <Icon name="close" size={14} />
          </ActionIcon>
        </div>
      ))}
      {products.length < productsMax ? (
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => set([...products, { ...empty }])}
        >
          {t('warnings.product.add')}
        </Button>
      ) : null}
    </fieldset>
  );
}
