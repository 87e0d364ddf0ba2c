package dev.buildonce.database;

import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/** The one data source of the application: hands out connections of the current lane's pool. */
final class LaneDataSource extends AbstractRoutingDataSource {

  LaneDataSource(ConnectionPools pools) {
    setTargetDataSources(java.util.Map.of(Lane.ASKS, pools.asks(), Lane.WORK, pools.work()));
    setDefaultTargetDataSource(pools.asks());
    afterPropertiesSet();
  }

  @Override
  protected Object determineCurrentLookupKey() {
    return Lane.current();
  }
}
