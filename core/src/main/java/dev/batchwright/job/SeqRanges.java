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
 *
 * @param ranges ascending; may be empty
 */
public record SeqRanges(List<Range> ranges) {
    /**
     * Places that follow one another.
     *
     * @param first the least, at least 1
     * @param last the greatest, itself included
     */
    public record Range(long first, long last) {
        /**
         * Checks itself.
         *
         * @throws IllegalArgumentException if it is empty or begins below 1
         */
        public Range {
            if (first < 1 || last < first) {
                throw new IllegalArgumentException("Not a range: " + first + "-" + last);
            }
        }

        /** {@return how many places it has} */
        public long size() {
            return last - first + 1;
        }

        @Override
        public String toString() {
            return first == last ? Long.toString(first) : first + "-" + last;
        }
    }

    /**
     * Checks the order.
     *
     * @throws IllegalArgumentException if ranges touch, overlap or descend
     */
    public SeqRanges {
        ranges = List.copyOf(ranges);
        for (int i = 1; i < ranges.size(); i++) {
            if (ranges.get(i).first() <= ranges.get(i - 1).last() + 1) {
                throw new IllegalArgumentException("Ranges out of order: " + ranges);
            }
        }
    }

    /**
     * {@return the set of all places between two}
     *
     * @param first the least, at least 1
     * @param last the greatest, itself included
     */
    public static SeqRanges of(long first, long last) {
        return new SeqRanges(List.of(new Range(first, last)));
    }

    /**
     * {@return the set of these places}
     *
     * @param places must ascend
     */
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

        /** Begins with no places. */
        public Builder() {}

        /**
         * Adds a place.
         *
         * @param place must not be in it yet
         */
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

        /**
         * {@return the set; the builder must not be used afterwards}
         *
         * @throws IllegalArgumentException if a place was added twice
         */
        public SeqRanges build() {
            close();
            return merged(ranges);
        }
    }

    /**
     * All that is in one of these sets.
     *
     * @param sets have nothing in common
     * @return their union
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

    /**
     * Reads a set as {@link #toString} writes it.
     *
     * @param text may be empty
     * @return the set
     * @throws IllegalArgumentException if it is none
     */
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

    /** {@return whether it has no place} */
    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    /**
     * Finds the place that is the n-th of these.
     *
     * @param n from 1
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

    /**
     * Cuts these places into sets.
     *
     * @param most places in one, at least 1
     * @return ascending; all but the last have so many
     */
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

    /**
     * {@return what is in this set and not in the other}
     *
     * @param other what is taken away
     */
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

    /** {@return these places in ascending order, one at a time} */
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

    /** {@return how many places it has} */
    public long size() {
        return ranges.stream().mapToLong(Range::size).sum();
    }

    /**
     * {@return whether a place is in it}
     *
     * @param seq the place
     */
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
