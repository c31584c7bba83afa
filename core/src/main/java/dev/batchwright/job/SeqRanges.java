package dev.batchwright.job;

import java.util.ArrayList;
import java.util.List;
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
        var ranges = new ArrayList<Range>();
        for (long place : places) {
            int last = ranges.size() - 1;
            if (last >= 0 && ranges.get(last).last() + 1 == place) {
                ranges.set(last, new Range(ranges.get(last).first(), place));
            } else {
                ranges.add(new Range(place, place));
            }
        }
        return new SeqRanges(ranges);
    }

    public static SeqRanges parse(String text) {
        var ranges = new ArrayList<Range>();
        for (String part : text.split(",", -1)) {
            String[] ends = part.split("-", -1);
            long first = Long.parseLong(ends[0]);
            ranges.add(new Range(first, ends.length == 1 ? first : Long.parseLong(ends[1])));
        }
        return new SeqRanges(ranges);
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
