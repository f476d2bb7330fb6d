import './style/frame.css';
import './style/table.css';
import './style/record.css';
import './style/narrow.css';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';

import { mount } from '../shared/mount';
import { App } from './App';

// A request that failed is sent again when a person says so, and what was read
// stays good for the moment of going back. An answer is kept as it came: numbers
// with all of their digits are objects that must not be copied.
const client = new QueryClient({
  defaultOptions: {
    queries: { retry: false, staleTime: 5_000, refetchOnWindowFocus: false, networkMode: 'always', structuralSharing: false },
  },
});

mount(
  <QueryClientProvider client={client}>
    <App />
  </QueryClientProvider>,
);
