//! What the axes of a chart cover.

use super::{
    axis::Axis,
    chart::Chart,
    series::{Common, HeatMap, Marks, Series},
};
use crate::error::Result;

impl Chart {
    /// The numbers along x of the series that this holds for.
    fn xs(&self, of: impl Fn(&Marks) -> bool) -> Vec<f64> {
        let series = self.series.iter().filter(|series| of(&series.marks));
        series.flat_map(|series| series.marks.xs()).collect()
    }

    /// What the series share.
    pub(super) fn common(&self) -> Common {
        let values = self.xs(|marks| matches!(marks, Marks::Histogram { .. }));
        let bins = self.series.iter().map(|series| match series.marks {
            Marks::Histogram { bins, .. } => bins,
            _ => 0,
        });
        let axis = match &self.x_range {
            Some(range) => Axis::new(range.clone(), self.log_x),
            None if values.is_empty() => Axis::new(1.0..2.0, self.log_x),
            None => Axis::over(values, self.log_x, [0.0; 2]),
        };
        let mut places = self.xs(|marks| matches!(marks, Marks::Bars(_)));
        places.iter_mut().for_each(|x| *x = axis.scale(*x));
        places.sort_by(f64::total_cmp);
        places.dedup();
        let gaps = places.windows(2).map(|pair| pair[1] - pair[0]);
        let gap = gaps.fold(f64::INFINITY, f64::min);
        let is_bars = |series: &&Series| matches!(series.marks, Marks::Bars(_));
        Common {
            bins: (axis, bins.max().unwrap_or(0)),
            bar_width: 0.8 * if gap.is_finite() { gap } else { 1.0 },
            bar_series: self.series.iter().filter(is_bars).count(),
        }
    }

    /// The axes along x and y.
    pub(super) fn axes(&self, common: &Common) -> Result<(Axis, Axis)> {
        let (x, y) = (self.x_axis(common), self.y_axis(common));
        if !x.is_sound() || !y.is_sound() {
            let problem = "the numbers lie too far apart or too close together to lay out";
            return Err(self.bad(problem, "scale them, or set a range"));
        }
        // The ends of a heat map are whole numbers by chance, epochs and layers by nature.
        let fills = self.xs(Marks::fills_x);
        let whole = fills.is_empty() && self.xs(|_| true).iter().all(|x| x.fract() == 0.0);
        Ok((if whole { x.of_whole_numbers() } else { x }, y))
    }

    fn x_axis(&self, common: &Common) -> Axis {
        if let Some(range) = &self.x_range {
            return Axis::new(range.clone(), self.log_x);
        }
        let filled = self.series.iter().any(|series| series.marks.fills_x());
        let margin = if filled { 0.0 } else { 0.03 };
        let mut values = self.xs(|_| true);
        if common.bins.1 > 0 {
            // Bins of equal values are wider than these.
            let bins = common.bins.0.range();
            values.extend([bins.start, bins.end]);
        }
        let bars = self.xs(|marks| matches!(marks, Marks::Bars(_)));
        let scale = Axis::new(1.0..2.0, self.log_x);
        for x in bars {
            let half = common.bar_width / 2.0;
            let ends = [scale.scale(x) - half, scale.scale(x) + half];
            values.extend(ends.map(|end| if self.log_x { 10f64.powf(end) } else { end }));
        }
        Axis::over(values, self.log_x, [margin; 2])
    }

    fn y_axis(&self, common: &Common) -> Axis {
        if let Some(range) = &self.y_range {
            return Axis::new(range.clone(), false);
        }
        let mut values: Vec<_> = self
            .series
            .iter()
            .flat_map(|series| series.marks.ys(common))
            .collect();
        let standing = self
            .series
            .iter()
            .any(|series| series.marks.stands_on_zero());
        if standing {
            values.push(0.0);
        }
        let on_floor = standing && values.iter().all(|&value| value >= 0.0);
        let margins = match (self.heat_map_drawn(), on_floor) {
            (Some(_), _) => [0.0; 2],
            (None, true) => [0.0, 0.05],
            (None, false) => [0.05; 2],
        };
        Axis::over(values, false, margins)
    }

    /// The first heat map.
    pub(super) fn heat_map_drawn(&self) -> Option<&HeatMap> {
        self.series.iter().find_map(|series| match &series.marks {
            Marks::HeatMap(map) => Some(map),
            _ => None,
        })
    }
}
