/** Reports and what is asked with them. */

import type { ReportTemplateView, ReportView } from '@forewarn/model/report';
import type { Language } from '@forewarn/model/text';
import { queryOptions } from '@tanstack/react-query';
import { ask, askList, Problem, query, type Page } from '../../session/api.ts';

export type ReportFilter = { state?: string; about?: string; subject?: string };

export const reportsQuery = (filter: ReportFilter) =>
  queryOptions({
    queryKey: ['reports', filter],
    queryFn: ({ signal }) => ask<Page<ReportView>>('GET', `/reports${query({ ...filter, limit: 200 })}`, undefined, signal),
  });

export const reportQuery = (id: string) =>
  queryOptions({
    queryKey: ['report', id],
    queryFn: ({ signal }) => ask<ReportView>('GET', `/reports/${encodeURIComponent(id)}`, undefined, signal),
  });

export const templatesQuery = queryOptions({
  queryKey: ['report-templates'],
  queryFn: ({ signal }) => askList<ReportTemplateView>('/report-templates', signal),
  staleTime: 10 * 60_000,
});

export type FileAsked = { format: 'html' | 'pdf'; language: Language; copy?: string | undefined };

export const filePath = (id: string, asked: FileAsked): string => `/reports/${encodeURIComponent(id)}/file${query(asked)}`;

/** The sheet as text, to be shown in a frame that runs nothing. The digest makes an edited draft another question. */
export const sheetQuery = (id: string, digest: string, language: Language, copy: string | undefined) =>
  queryOptions({
    queryKey: ['report-sheet', id, digest, language, copy],
    queryFn: async ({ signal }) => {
      const path = filePath(id, { format: 'html', language, copy });
      const response = await fetch(`/api/v1${path}`, { credentials: 'same-origin', signal });
      if (!response.ok)
        throw new Problem({ code: `http-${response.status}`, status: response.status, detail: response.statusText });
      return response.text();
    },
    staleTime: Infinity,
  });

export const touched = ['reports', 'report', 'report-sheet'] as const;
