//! Lines cut into pieces.

use std::ops::Range;

type Point = (f64, f64);

/// The pieces of a line through points that lie in a rectangle.
pub(super) fn clip(points: &[Point], x: &Range<f64>, y: &Range<f64>) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    if let [(px, py)] = points
        && (x.start..=x.end).contains(px)
        && (y.start..=y.end).contains(py)
    {
        return vec![points.to_vec()];
    }
    for pair in points.windows(2) {
        let Some((start, end)) = clip_segment(pair[0], pair[1], x, y) else {
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&start) => piece.push(end),
            _ => pieces.push(vec![start, end]),
        }
    }
    pieces
}

/// The part of a segment in a rectangle (Liang and Barsky).
fn clip_segment(
    start: Point,
    end: Point,
    x: &Range<f64>,
    y: &Range<f64>,
) -> Option<(Point, Point)> {
    let (dx, dy) = (end.0 - start.0, end.1 - start.1);
    let (mut from, mut to) = (0.0f64, 1.0f64);
    let edges = [
        (-dx, start.0 - x.start),
        (dx, x.end - start.0),
        (-dy, start.1 - y.start),
        (dy, y.end - start.1),
    ];
    for (outwards, room) in edges {
        if outwards == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if outwards < 0.0 {
            from = from.max(room / outwards);
        } else {
            to = to.min(room / outwards);
        }
    }
    if from > to {
        return None;
    }
    // The ends themselves stay exact, so that pieces join.
    let at = |share: f64| match share {
        0.0 => start,
        1.0 => end,
        _ => (start.0 + share * dx, start.1 + share * dy),
    };
    Some((at(from), at(to)))
}

/// A line as dashes, of lengths in the points' unit.
pub(super) fn dashes(points: &[Point], dash: f64, gap: f64) -> Vec<Vec<Point>> {
    let mut pieces = Vec::new();
    let Some(&first) = points.first() else {
        return pieces;
    };
    let (mut piece, mut left, mut drawn) = (vec![first], dash, true);
    for pair in points.windows(2) {
        let (mut start, end) = (pair[0], pair[1]);
        loop {
            let length = (end.0 - start.0).hypot(end.1 - start.1);
            if length <= left {
                left -= length;
                if drawn {
                    piece.push(end);
                }
                break;
            }
            let share = left / length;
            start = (
                start.0 + share * (end.0 - start.0),
                start.1 + share * (end.1 - start.1),
            );
            if drawn {
                piece.push(start);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![start];
            }
            drawn = !drawn;
            left = if drawn { dash } else { gap };
        }
    }
    if drawn {
        pieces.push(piece);
    }
    pieces
}

/// The two numbers of a band at `x`, between its points, which are sorted by x.
pub(super) fn band_at(points: &[(f64, f64, f64)], x: f64) -> Option<(f64, f64)> {
    let right = points.partition_point(|point| point.0 < x);
    let &(end, end_low, end_high) = points.get(right)?;
    if end == x {
        return Some((end_low, end_high));
    }
    let &(start, low, high) = points.get(right.checked_sub(1)?)?;
    let share = (x - start) / (end - start);
    Some((
        low + share * (end_low - low),
        high + share * (end_high - high),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_leaves_and_returns_is_two_pieces() {
        let line = [(0.0, 0.0), (1.0, 4.0), (2.0, 0.0)];
        let pieces = clip(&line, &(0.0..2.0), &(0.0..2.0));
        assert_eq!(pieces, [[(0.0, 0.0), (0.5, 2.0)], [(1.5, 2.0), (2.0, 0.0)]]);
    }

    #[test]
    fn a_line_past_a_corner_is_no_piece() {
        let line = [(-2.0, 1.0), (1.0, 4.0), (9.0, 4.0)];
        assert!(clip(&line, &(0.0..2.0), &(0.0..2.0)).is_empty());
    }

    #[test]
    fn dashes_go_round_corners() {
        let line = [(0.0, 0.0), (3.0, 0.0), (3.0, 3.0)];
        let expected = [vec![(0.0, 0.0), (2.0, 0.0)], vec![(3.0, 0.0), (3.0, 2.0)]];
        assert_eq!(dashes(&line, 2.0, 1.0)[..2], expected);
    }

    #[test]
    fn bands_are_interpolated_and_end() {
        let band = [(0.0, 0.0, 2.0), (2.0, 1.0, 4.0)];
        assert_eq!(band_at(&band, 1.0), Some((0.5, 3.0)));
        assert_eq!(band_at(&band, 2.0), Some((1.0, 4.0)));
        assert_eq!(band_at(&band, 2.1), None);
        assert_eq!(band_at(&band, -0.1), None);
    }
}
