package dev.batchwright.job;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.PrimitiveIterator;
import java.util.stream.Collectors;

/**
 * A set of items by their places in the input, as ascending ranges that neither touch nor overlap:
 * {@code 1-500,777}. Parsing and {@link #toString} are inverse.
 */
public record SeqRanges(List<Range> ranges) {
    public record Range(long first, long last) {
        public Range {
            if (first < 1 || last < first) {
                throw new IllegalArgumentException("Not a range: " + first + "-" + last);
            }
        }

        public long size() {
            return last - first + 1;
        }

        @Override
        public String toString() {
            return first == last ? Long.toString(first) : first + "-" + last;
        }
    }

    public SeqRanges {
        ranges = List.copyOf(ranges);
        for (int i = 1; i < ranges.size(); i++) {
            if (ranges.get(i).first() <= ranges.get(i - 1).last() + 1) {
                throw new IllegalArgumentException("Ranges out of order: " + ranges);
            }
        }
    }

    public static SeqRanges of(long first, long last) {
        return new SeqRanges(List.of(new Range(first, last)));
    }

    /** The set of these places, which must ascend. */
    public static SeqRanges ofAscending(Iterable<Long> places) {
        var builder = new Builder();
        places.forEach(builder::add);
        return builder.build();
    }

    /** Gathers places, each once, best in ascending order. */
    public static final class Builder {
        private final ArrayList<Range> ranges = new ArrayList<>();
        private long first;
        private long last;

        public void add(long place) {
            if (first > 0 && place == last + 1) {
                last = place;
                return;
            }
            close();
            first = place;
            last = place;
        }

        private void close() {
            if (first > 0) {
                ranges.add(new Range(first, last));
            }
        }

        /** The set; the builder must not be used afterwards. */
        public SeqRanges build() {
            close();
            return merged(ranges);
        }
    }

    /**
     * All that is in one of these sets.
     *
     * @throws IllegalArgumentException if something is in two of them
     */
    public static SeqRanges union(Collection<SeqRanges> sets) {
        return merged(sets.stream().flatMap(set -> set.ranges.stream()).toList());
    }

    private static SeqRanges merged(List<Range> disjoint) {
        var ranges = new ArrayList<Range>(disjoint.size());
        var sorted = disjoint.stream().sorted(Comparator.comparingLong(Range::first)).iterator();
        while (sorted.hasNext()) {
            Range range = sorted.next();
            int last = ranges.size() - 1;
            if (last >= 0 && range.first() <= ranges.get(last).last()) {
                throw new IllegalArgumentException("%s is in two sets".formatted(range));
            }
            if (last >= 0 && range.first() == ranges.get(last).last() + 1) {
                ranges.set(last, new Range(ranges.get(last).first(), range.last()));
            } else {
                ranges.add(range);
            }
        }
        return new SeqRanges(ranges);
    }

    public static SeqRanges parse(String text) {
        var ranges = new ArrayList<Range>();
        if (text.isEmpty()) {
            return new SeqRanges(ranges);
        }
        for (String part : text.split(",", -1)) {
            String[] ends = part.split("-", -1);
            long first = Long.parseLong(ends[0]);
            ranges.add(new Range(first, ends.length == 1 ? first : Long.parseLong(ends[1])));
        }
        return new SeqRanges(ranges);
    }

    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    /**
     * The place that is the n-th of these, from 1.
     *
     * @return empty if there are not so many
     */
    public OptionalLong nth(long n) {
        long before = 0;
        for (Range range : ranges) {
            if (n > before && n <= before + range.size()) {
                return OptionalLong.of(range.first() + n - before - 1);
            }
            before += range.size();
        }
        return OptionalLong.empty();
    }

    /** These places, cut into sets of at most so many. */
    public List<SeqRanges> cut(long most) {
        var parts = new ArrayList<SeqRanges>();
        var part = new ArrayList<Range>();
        long room = most;
        for (Range range : ranges) {
            long first = range.first();
            while (first <= range.last()) {
                long last = Math.min(range.last(), first + room - 1);
                part.add(new Range(first, last));
                room -= last - first + 1;
                first = last + 1;
                if (room == 0) {
                    parts.add(new SeqRanges(part));
                    part = new ArrayList<>();
                    room = most;
                }
            }
        }
        if (!part.isEmpty()) {
            parts.add(new SeqRanges(part));
        }
        return parts;
    }

    /** What is in this set and not in the other. */
    public SeqRanges minus(SeqRanges other) {
        var left = new ArrayList<Range>();
        int hole = 0;
        for (Range range : ranges) {
            long from = range.first();
            while (hole < other.ranges.size() && other.ranges.get(hole).first() <= range.last()) {
                Range gap = other.ranges.get(hole);
                if (gap.first() > from) {
                    left.add(new Range(from, gap.first() - 1));
                }
                from = Math.max(from, gap.last() + 1);
                if (gap.last() > range.last()) {
                    break;
                }
                hole++;
            }
            if (from <= range.last()) {
                left.add(new Range(from, range.last()));
            }
        }
        return new SeqRanges(left);
    }

    /** These places in ascending order, one at a time. */
    public PrimitiveIterator.OfLong places() {
        return new PrimitiveIterator.OfLong() {
            private int range;
            private long next = ranges.isEmpty() ? 0 : ranges.getFirst().first();

            @Override
            public boolean hasNext() {
                return range < ranges.size();
            }

            @Override
            public long nextLong() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                long place = next++;
                if (place == ranges.get(range).last()) {
                    range++;
                    next = hasNext() ? ranges.get(range).first() : 0;
                }
                return place;
            }
        };
    }

    public long size() {
        return ranges.stream().mapToLong(Range::size).sum();
    }

    public boolean contains(long seq) {
        int low = 0;
        int high = ranges.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Range range = ranges.get(middle);
            if (seq < range.first()) {
                high = middle - 1;
            } else if (seq > range.last()) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return ranges.stream().map(Range::toString).collect(Collectors.joining(","));
    }
}
