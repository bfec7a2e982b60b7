import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { theme, variables } from './look/theme.ts';
import { makeRouter } from './routes.tsx';
import { Problem } from './session/api.ts';
import { firstLanguage, loadCatalogue, TextsProvider } from './session/language.tsx';
import { meQuery } from './session/resources.ts';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      // Refusals stay refusals; only a centre that cannot be reached is asked again.
      retry: (count, error) => error instanceof Problem && (error.status === 0 || error.status >= 500) && count < 3,
      refetchOnWindowFocus: true,
    },
  },
});

// A session that ended elsewhere ends here: the frame asks who is signed in and goes to the door.
client.getQueryCache().subscribe(({ type, query }) => {
  if (type !== 'updated' || query.state.status !== 'error' || query.queryKey[0] === 'me') return;
  const { error } = query.state as { error: unknown };
  if (error instanceof Problem && error.status === 401 && client.getQueryData(meQuery.queryKey) !== undefined) {
    client.removeQueries({ queryKey: meQuery.queryKey });
    void router.invalidate();
  }
});

const router = makeRouter(client);
const language = firstLanguage();
const schemes = localStorageColorSchemeManager({ key: 'forewarn.scheme' });
const place = createRoot(document.getElementById('root')!);

// Texts and the person are asked for at once: neither waits for the other.
void client.prefetchQuery(meQuery);
loadCatalogue(language).then(
  (catalogue) =>
    place.render(
      <MantineProvider theme={theme} cssVariablesResolver={variables} colorSchemeManager={schemes} defaultColorScheme="dark">
        <TextsProvider first={language} catalogue={catalogue}>
          <QueryClientProvider client={client}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </TextsProvider>
      </MantineProvider>,
    ),
  // Without texts there are no words to say it in but these.
  () => place.render(<p className="loading">Forewarn cannot be reached. Try again. · 无法连接 Forewarn，请重试。</p>),
);
